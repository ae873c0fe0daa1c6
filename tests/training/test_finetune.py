"""Fine-tuning: what is kept, what is new, how fast each layer learns, and that an interrupted run goes on exactly."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from einthoven.ecg import UsageError  # noqa: E402
from einthoven.models.config import ModelConfig  # noqa: E402
from einthoven.models.encoders.settings import ResNet  # noqa: E402
from einthoven.models.network import Network  # noqa: E402
from einthoven.training.batch import Examples  # noqa: E402
from einthoven.training.finetune import Tuning, finetune, for_labels, is_begun, layer_shares  # noqa: E402


@pytest.fixture
def network(small_resnet, one_thread):
    torch.manual_seed(5)
    encoder = ResNet(size=small_resnet, stem_kernel=5)
    return Network(ModelConfig("given", ("NORM", "SR"), embedding=4, encoder=encoder))


def examples(labels: int = 2) -> Examples:
    """Noise whose size tells the label."""
    rng = np.random.default_rng(0)
    which = np.arange(24) % labels
    signal = rng.standard_normal((24, 12, 120)) * (1 + 2 * which[:, None, None])
    return Examples(signal.astype(np.float16), np.eye(labels, dtype=np.float32)[which], 100.0)


def test_the_encoder_is_kept_and_the_head_is_new(network) -> None:
    made = for_labels(network, ["A", "B", "C"], seed=1)
    assert made.config.codes == ("A", "B", "C") and made.statements.out_features == 3
    for name, value in network.encoder.state_dict().items():
        assert torch.equal(made.encoder.state_dict()[name], value)
    fresh = for_labels(network, ["A", "B", "C"], seed=1, fresh=True)
    assert torch.equal(fresh.statements.weight, made.statements.weight)
    assert not torch.equal(fresh.encoder.stem[0].weight, network.encoder.stem[0].weight)


def test_layers_near_the_input_learn_slower(network) -> None:
    shares = layer_shares(network, 0.5)
    assert shares["encoder.stem.0.weight"] == 0.125
    assert {shares[name] for name in shares if name.startswith("encoder.blocks.0")} == {0.25}
    assert {shares[name] for name in shares if name.startswith("encoder.blocks.1")} == {0.5}
    assert not any(name.startswith("statements") for name in shares)


def test_shares_are_how_far_layers_move(network, tmp_path) -> None:
    made = for_labels(network, ["A", "B"], seed=0)
    before = {name: value.detach().clone() for name, value in made.named_parameters()}
    finetune(made, examples(), Tuning(1, 8, 1e-2, 1e-3), 0, tmp_path, {}, lambda _: {"score": 0.0}, device="cpu")
    moved = {name: float((value - before[name]).detach().abs().max()) for name, value in made.named_parameters()}
    assert moved["statements.weight"] > 1e-3
    for name, share in layer_shares(made, 1e-3).items():
        assert 0 < moved[name] < 100 * share * 1e-2 or moved[name] < 1e-6, name


def test_an_interrupted_run_goes_on_exactly_and_others_are_refused(network, tmp_path) -> None:
    how = Tuning(epochs=3, batch=8, rate=3e-3, decay=0.7)

    def run(folder, stop_after=99, seed=0):
        looks = 0

        def judge(_):
            nonlocal looks
            looks += 1
            if looks > stop_after:
                raise KeyboardInterrupt
            return {"score": float(looks)}

        return finetune(for_labels(network, ["A", "B"], seed), examples(), how, seed, folder, {}, judge, device="cpu")

    whole = run(tmp_path / "whole")
    assert not is_begun(tmp_path / "none") and is_begun(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", stop_after=1)
    resumed = run(tmp_path / "cut")
    for name, value in whole.state_dict().items():
        assert torch.equal(resumed.state_dict()[name], value), name
    with pytest.raises(UsageError, match="another configuration"):
        run(tmp_path / "whole", seed=1)


def test_people_are_learned_by_one_softmax(network, tmp_path) -> None:
    made = for_labels(network, [f"person {n}" for n in range(3)], seed=0, fresh=True)
    given = examples(3)
    finetune(
        made, given, Tuning(12, 8, 2e-2, 1.0), 0, tmp_path, {}, lambda _: {"score": 0.0}, one_of_many=True, device="cpu"
    )
    with torch.no_grad():
        said = made(torch.from_numpy(given.signal.astype(np.float32)))[1].argmax(1).numpy()
    assert (said == given.target.argmax(1)).mean() > 0.8


def test_illegal_settings_are_refused() -> None:
    for wrong in ({"decay": 0}, {"decay": 1.5}, {"epochs": 0}, {"rate": -1.0}):
        with pytest.raises(UsageError):
            Tuning(**wrong)
