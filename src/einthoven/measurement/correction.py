"""QT corrected for the heart rate, by each of the four formulas in use."""

from __future__ import annotations


def corrected(qt: float, heart_rate: float) -> dict[str, float]:
    """QTc in ms by formula.

    Bazett 1920, Fridericia 1920, Framingham (Sagie 1992), Hodges 1983; none is right at every rate, which is why
    each is named.

    Args:
        qt: ms. heart_rate: beats a minute.

    >>> {name: round(value) for name, value in corrected(400, 60).items()}
    {'bazett': 400, 'fridericia': 400, 'framingham': 400, 'hodges': 400}
    >>> {name: round(value) for name, value in corrected(360, 90).items()}
    {'bazett': 441, 'fridericia': 412, 'framingham': 411, 'hodges': 412}
    """
    rr = 60 / heart_rate
    return {
        "bazett": qt / rr**0.5,
        "fridericia": qt / rr ** (1 / 3),
        "framingham": qt + 154 * (1 - rr),
        "hodges": qt + 1.75 * (heart_rate - 60),
    }
