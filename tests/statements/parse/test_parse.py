"""What reports say: our own examples in three languages, and what carts write."""

from __future__ import annotations

import pytest

from einthoven.statements.parse import Stated, parse_report


def said(text: str) -> str:
    """ "SR IMI? NORM- AFIB<": present, possible, absent, prior."""
    marks = {"present": "", "possible": "?", "absent": "-", "prior": "<"}
    return " ".join(code + marks[stance] for code, stance in parse_report(text).polarities().items())


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        # rhythm and ectopy
        ("Sinusrhythmus, Linkstyp, normales EKG", "SR NORM"),
        ("Tachykardes Vorhofflimmern", "AFIB"),
        ("Vorhofflimmern/-flattern", "AFIB? AFLT?"),
        ("Absolute Arrhythmie, VES, z.T. Bigeminus", "AFIB PVC BIGU"),
        ("Ventr. Extrasystolen und SVES", "PVC PAC"),
        ("einzelne Extrasystolen", "PRC(S)"),
        ("Schrittmacher-EKG", "PACE"),
        ("wandernder Schrittmacher", ""),
        ("AV-Block II, Schrittmacherindikation prüfen", "2AVB"),
        ("Pacemaker implantation recommended", ""),
        ("Kammerflimmern", ""),
        # conduction
        ("AV-Block 1. Grades, inkompletter RSB", "1AVB IRBBB"),
        ("A-V Block II, LAHB", "2AVB LAFB"),
        ("kompletter AV-Block", "3AVB"),
        ("third-degree (complete) AV block", "3AVB"),
        ("Complete (third degree) heart block", "3AVB"),
        ("Schenkelblock vollständig links", "CLBBB"),
        ("unvollständiger Rechtsschenkelblock", "IRBBB"),
        ("Schenkelblock, links ant. Hemiblock", "LAFB"),
        ("Linksschenkelblock, Rechtshypertrophie", "CLBBB RVH"),
        ("links ant. Hemiblock, unspezifischer intraventrikulärer Block", "LAFB IVCD"),
        ("PQ-Zeit verlängert, QT-Verlängerung", "LPR LNGQT"),
        # what is denied, and what of the same list is not
        ("kein Hinweis auf Ischämie, Vorhofflimmern nicht auszuschließen", "ISC_- AFIB?"),
        ("no evidence of ischemia, atrial fibrillation cannot be excluded", "ISC_- AFIB?"),
        ("ingen ischemi, förmaksflimmer kan inte uteslutas", "ISC_- AFIB?"),
        ("kein Hinweis auf Ischämie, Vorhofflimmern möglich", "ISC_- AFIB?"),
        ("no ischemia, atrial fibrillation or left ventricular hypertrophy", "ISC_- AFIB- LVH-"),
        # what was suspected, is to be excluded, or has given way
        ("V.a. Hinterwandinfarkt, nicht bestätigt", "IMI-"),
        ("V.a. Vorhofflimmern, hat sich nicht bestätigt", "AFIB-"),
        ("Vorhofflimmern nicht bestätigt", "AFIB-"),
        ("V.a. Hinterwandinfarkt, noch nicht bestätigt", "IMI?"),
        ("Linksschenkelblock, nicht bestätigt", "CLBBB"),
        ("Sinusrhythmus, Befund nicht bestätigt", "SR"),
        ("Vorderwandinfarkt z.A.", "AMI?"),
        ("Vorderwandinfarkt auszuschließen", "AMI?"),
        ("Vorderwandinfarkt ausgeschlossen", "AMI-"),
        ("Vorhofflimmern wurde durch Sinusrhythmus abgelöst", "AFIB< SR"),
        ("LAHB, Vorhofflimmern und Vorhofflattern von einem Sinusrhythmus abgelöst", "LAFB AFIB< AFLT< SR"),
        ("Vorhofflimmern, abgelöst durch Sinusrhythmus", "AFIB< SR"),
        # hypertrophy and voltage
        ("Linkshypertrophie möglich", "LVH?"),
        ("mässige Amplitudenkriterien für Linkshypertrophie", "VCLVH"),
        ("periphere Niederspannung", "LVOLT"),
        ("V.a. P-sinistrocardiale", "LAO/LAE?"),
        ("Vorhofüberlastung", "LAO/LAE? RAO/RAE?"),
        # infarcts
        ("Zustand nach Hinterwandinfarkt, wahrscheinlich alt", "IMI"),
        ("inferiorer Infarkt wahrscheinlich", "IMI?"),
        ("QRS(T) abnorm, anteroseptaler Myokardschaden nicht auszuschliessen", "ABQRS ASMI?"),
        ("Infarkt inferior (II, III, aVF), chronisch möglich", "IMI?"),
        ("inferiorer, posteriorer Infarkt", "IPMI"),
        ("chron. anterolateraler Infarkt, inferiorer Infarkt mögl. akut", "ALMI IMI"),
        ("alter Infarkt", ""),
        # ST and T
        ("ST & T abnorm, wahrscheinlich hochlaterale Ischämie oder Linksbelastung", "ISCLA?"),
        ("ST abnorm, möglicherweise anteriorer Innenschichtschaden inferiorer Innenschichtschaden", "INJAS? INJIN?"),
        ("T abnorm in inferioren Ableitungen", "TAB_"),
        ("T-Veränderungen: neg. in V4, flach in V6", "INVT LOWT"),
        ("flaches T in III, ST-Hebung V2-3", "LOWT STE_"),
        ("unspezifisches abnormes T", "NT_"),
        ("T-Veränderungen unspezifisch", "NT_"),
        ("T abnorm, unspezifisch veränderte ST-Strecke", "TAB_ NST_"),
        ("diskrete ST-Senkung V5, Digitaliseinfluss", "STD_ DIG"),
        ("ST-Streckenhebung inferior, Senkungen in V2", "STE_ STD_"),
        ("T neg., Hebungen V1-V3", "INVT STE_"),
        ("Hinterwand-STEMI", "IMI STE_"),
        ("V.a. STEMI", "STE_?"),
        ("muldenförmige ST-Senkung, V.a. Elektrolytstörung", "STD_ EL?"),
        # Q waves and verdicts
        ("Q in III", ""),
        ("Q in II, III, aVF", "QWAVE"),
        ("pathologisches Q in III", "QWAVE"),
        ("Grenzbefund", "NORM?"),
        ("Sinusrhythmus MLT normales EKG", "SR NORM"),
        ("Lagetyp normal EKG pathologisch", "NORM-"),
        ("Sinusrhythmus Quaddelherz wahrscheinlich", "SR"),
        ("T-Veränderungen hoch in V3, flach lateral", "TAB_ LOWT"),
        ("wahrscheinlich normales EKG", "NORM?"),
        ("EKG pathologisch", "NORM-"),
        ("kein Vorhofflimmern, keine Ischämie", "AFIB- ISC_-"),
    ],
)
def test_german(text: str, codes: str) -> None:
    assert said(text) == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Sinusrytm, vänster el-axel, normalt EKG", "SR NORM"),
        ("Sinusbradykardi, inget säkert patologiskt", "SBRAD NORM?"),
        ("Förmaksflimmer/-fladder", "AFIB? AFLT?"),
        ("ventrikulära extraslag, AV-block I", "PVC 1AVB"),
        ("högersidigt skänkelblock, vänster anteriort hemiblock", "CRBBB LAFB"),
        ("ospecifikt inkomplett skänkelblock", "IVCD"),
        ("misstänkt vänster kammarhypertrofi", "LVH?"),
        ("misstänkt hypertrofi av vänster förmak", "LAO/LAE?"),
        ("avvikande QRS(T)-förlopp, inferior infarkt bör övervägas", "ABQRS IMI?"),
        ("anteroseptal infarkt ålder ej bestämbar inferior infarkt sannolikt äldre", "ASMI IMI"),
        ("anterior myokardskada kan ej uteslutas", "AMI?"),
        ("ST-T sänkning, såsom vid anterolateral ischemi eller vänster belastning", "STD_ ISCAL?"),
        ("T-förändring, såsom vid inferior myokardaffektion", "ISCIN?"),
        ("ospecifik T-förändring, QT förlängd", "NT_ LNGQT"),
        ("låga QRS-amplituder i extremitetsavledningarna", "LVOLT"),
    ],
)
def test_swedish(text: str, codes: str) -> None:
    assert said(text) == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Sinus rhythm. Premature atrial contraction(s). Otherwise normal ECG.", "SR PAC NORM"),
        ("Atrial fibrillation with rapid ventricular response.", "AFIB"),
        ("Voltages are high in limb leads suggesting LVH.", "VCLVH"),
        ("ST segments are depressed in I, aVL. This may be due to LV strain or ischaemia.", "STD_ ISC_?"),
        ("T waves are flat in I and inverted in V4,5,6.", "LOWT INVT"),
        ("T waves are no longer inverted. ST segments are not depressed.", "INVT- STD_-"),
        ("T waves are now flat rather than inverted.", "LOWT INVT-"),
        ("Q waves in II, III, aVF consistent with old inferior infarction.", "QWAVE IMI?"),
        ("Q waves in II, III, aVF, probably normal.", "QWAVE?"),
        ("Old inferior infarct, possible old anterior infarct.", "IMI AMI?"),
        ("Possible inferior and anteroseptal infarcts.", "IMI? ASMI?"),
        ("ST segments are elevated in V2-4. This is probably a normal variant.", "STE_?"),
        ("Incomplete right bundle branch block, this is probably a normal variant.", "IRBBB"),
        ("No definite pathology.", "NORM?"),
        ("No evidence of ischaemia or LVH.", "ISC_- LVH-"),
        ("VPBs are not recorded on this occasion.", "PVC-"),
        ("Rhythm was previously atrial fibrillation, now sinus rhythm.", "AFIB< SR"),
        ("Atrial fibrillation has reverted to sinus rhythm.", "AFIB< SR"),
        ("I cannot exclude the possibility that this is atrial tachycardia.", "SVTAC?"),
        ("Ischaemia is a possible cause, suggest exclude hypokalaemia.", "ISC_?"),
        ("Increased risk of developing complete heart block.", ""),
        ("Prolonged QT, this may be due to a drug effect or an electrolyte disturbance.", "LNGQT EL?"),
        ("An old anteroseptal infarct cannot be", "ASMI?"),
        ("Pacemaker spikes noted.", "PACE"),
        ("PR interval is normal.", ""),
    ],
)
def test_english(text: str, codes: str) -> None:
    assert said(text) == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Borderline ECG", "NORM?"),
        ("Abnormal ECG", "NORM-"),
        ("Normal sinus rhythm", "SR"),
        ("*** Probable left atrial abnormality ***", "LAO/LAE?"),
        ("Left axis deviation", ""),
        ("Cannot rule out anterior infarct - age undetermined", "AMI?"),
        ("Inferior infarct, possibly acute", "IMI"),
        ("ST elevation, consider inferior injury or acute infarct", "STE_ INJIN? IMI?"),
        ("Poor R wave progression - probable normal variant", ""),
        ("Lateral ST-T changes may be due to myocardial ischemia", "ISCLA?"),
        ("T wave abnormality, consider anterior ischemia", "ISCAN?"),
        ("Nonspecific ST and T wave abnormality", "NST_ NT_"),
        ("QT interval prolonged", "LNGQT"),
        ("Sinus rhythm with 1st degree A-V block", "SR 1AVB"),
        ("Ventricular-paced rhythm", "PACE"),
        ("Ventricular premature complexes", "PVC"),
        ("Left ventricular hypertrophy by voltage", "VCLVH"),
        ("Complete AV block with wide QRS complex", "3AVB"),
        ("Supraventricular tachycardia", "SVTAC"),
        ("*** ACUTE MI / STEMI ***", "STE_"),
        ("Acute anterior infarct", "AMI"),
        ("SVT with 2:1 block", "SVTAC 2AVB"),
        ("High-grade AV block", "2AVB? 3AVB?"),
        ("AV dual-paced rhythm", "PACE"),
        ("Wandering atrial pacemaker", ""),
        ("Minimal voltage criteria for LVH, may be normal variant", "VCLVH"),
        ("PROBABLE LEFT VENTRICULAR HYPERTROPHY ((RaVL+SV3)xQRSd >280)", "LVH?"),
        ("SINUS RHYTHM (ST >0.20 mV in V1-V4 & LVH)", "SR"),  # a reason in brackets states nothing
        ("Anterior injury", "INJAS"),
        ("Borderline prolonged QT", ""),
        ("Borderline LVH", "LVH?"),
        ("Borderline PR interval", ""),
        ("Sinus rhythm has replaced atrial fibrillation", "SR AFIB<"),
        ("Atrial fibrillation has been replaced by sinus rhythm", "AFIB< SR"),
        ("Vorhofflimmern ersetzt durch Sinusrhythmus", "AFIB< SR"),
        # a denial after what has no code denies nothing else
        ("P waves not seen, atrial fibrillation", "AFIB"),
        ("P-Wellen nicht nachweisbar, Vorhofflimmern", "AFIB"),
        ("P-Wellen nicht vorhanden, Kammerersatzrhythmus, AV-Block III. Grades", "3AVB"),
        ("U waves not seen, LBBB", "CLBBB"),
        ("absent U waves, LBBB", "CLBBB"),
        ("absent P waves with atrial fibrillation", "AFIB"),
        # what something else is instead of
        ("instead of atrial fibrillation, sinus rhythm", "AFIB< SR"),
        ("Sinusrhythmus statt Vorhofflimmern", "SR AFIB<"),
        ("converted from atrial fibrillation to sinus rhythm", "AFIB< SR"),
        # what is gone
        ("ST elevation absent. LBBB", "STE_- CLBBB"),
        ("ST-Hebungen zurückgebildet", "STE_-"),
        ("Vorhofflimmern nicht mehr nachweisbar", "AFIB-"),
        ("Vorhofflimmern besteht nicht mehr, Sinusrhythmus", "AFIB- SR"),
        ("LSB nicht mehr vorhanden", "CLBBB-"),
        ("Sinus rhythm, no longer in atrial fibrillation", "SR AFIB-"),
        ("ST elevation is absent", "STE_-"),
        ("LBBB not visible", "CLBBB-"),
        # the grade after a comma
        ("AV block, complete", "3AVB"),
        ("AV-Block, III. Grades", "3AVB"),
        ("AV block, I, aVL", ""),
        ("Hemiblock, left anterior", "LAFB"),
        # an earlier tracing that this one is compared with says nothing of it by itself
        ("Compared to previous ECG, new left bundle branch block", "CLBBB"),
        ("Since previous tracing, atrial fibrillation is new", "AFIB"),
        ("Im Vergleich zum Vorbefund neu aufgetretener Linksschenkelblock", "CLBBB"),
        ("jämfört med tidigare EKG nytillkommet vänstergrenblock", "CLBBB"),
        ("When compared with ECG of 04-MAY-2012 10:33, atrial fibrillation has replaced sinus rhythm", "AFIB SR<"),
        ("Im Vor-EKG vom 3.2. Vorhofflimmern, jetzt Sinusrhythmus", "AFIB< SR"),
        # what a patient had
        ("history of atrial fibrillation, now in sinus rhythm", "AFIB< SR"),
        ("Z.n. Vorhofflimmern, aktuell Sinusrhythmus", "AFIB< SR"),
        ("Z.n. Bypass, Vorhofflimmern", "AFIB"),
        ("history of inferior infarct", "IMI"),
        # what is ruled out, and what is not
        ("Vorhofflimmern ausgeschlossen", "AFIB-"),
        ("STEMI Vorderwand ausgeschlossen", "AMI- STE_-"),
        ("Vorhofflimmern kann nicht mit Sicherheit ausgeschlossen werden", "AFIB?"),
        ("Vorhofflimmern sollte ausgeschlossen werden", "AFIB?"),
        ("negative for STEMI", "STE_-"),
        ("resolved atrial fibrillation", "AFIB-"),
        ("unlikely to be ischemia", "ISC_-"),
        ("not unlikely ischemia", "ISC_?"),
        # what is weighed
        ("?LVH", "LVH?"),
        ("r-s #bergang in V nach links verschoben, LAHB", "LAFB"),
        ("fragliche Hinterwandnarbe", "IMI?"),
        ("Schmalkomplextachykardie", "SVTAC?"),
        ("V.a. alten Hinterwandinfarkt, DD: Linksschenkelblock", "IMI? CLBBB?"),
        ("am ehesten Vorhofflattern", "AFLT?"),
        ("kan ej utesluta ischemi", "ISC_?"),
        ("consider electrolyte imbalance, or drug effects", "EL?"),
        ("T inverted in V6. Possible left bundle branch block", "INVT CLBBB?"),
        ("Atrial fibrillation is no longer present", "AFIB-"),
        ("Atrial fibrillation not present", "AFIB-"),
        ("Anterior infarct ruled out", "AMI-"),
        ("Anterior infarct cannot be ruled out", "AMI?"),
        ("Intraventricular conduction defect", "IVCD"),
        ("Atypical ECG", "NORM-"),
        ("Atrial flutter versus atrial tachycardia", "AFLT? SVTAC?"),
        ("Statement Text(22)", ""),
    ],
)
def test_carts(text: str, codes: str) -> None:
    assert said(text) == codes


def test_quoted_codes_and_their_numbers() -> None:
    assert said("Edit: IMI 80, LMI 15, AMI 0, IRBBB") == "IMI LMI? AMI- IRBBB"
    assert said("QIII (NORM 100)") == "NORM"
    assert said("Edit: RAO") == "RAO/RAE"
    assert said("vänster el-axel, el och ami") == ""  # short words are codes only where they are quoted


@pytest.mark.parametrize("text", ["V3-6", "V3 - V6", "V3 bis V6", "v3 through 6", "V3\u2013V6", "V3,4-6", "V3,4,5-6"])
def test_a_range_of_leads_names_those_between(text: str) -> None:
    (one,) = parse_report(f"ST-Senkung in {text}").statements
    assert one.location == ("v3", "v4", "v5", "v6")


def test_leads_that_are_listed_and_heights_are_no_range() -> None:
    assert parse_report("ST-Senkung in V2, V6").statements[0].location == ("v2", "v6")
    assert "v4" not in parse_report("ST-Senkung in V3 - 5 mm").statements[0].location


def test_location_severity_span_and_mentions() -> None:
    text = "Linkstyp, deutliche ST-Senkung in V4,5,6, alter inferolateraler Infarkt"
    found = parse_report(text)
    depressed, infarct = found.statements
    assert depressed == Stated("STD_", "present", ("v4", "v5", "v6"), "marked", depressed.span)
    assert text[slice(*depressed.span)] == "ST-Senkung" and text[slice(*infarct.span)] == "inferolateraler Infarkt"
    assert infarct.location == ("inferior+lateral",)
    assert found.mentions == ("axis-left",) and found.language == "de" and not found.unparsed


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        *((f"{word} left ventricular hypertrophy", True) for word in ("Probable", "Wahrscheinlich", "Consistent with")),
        *((f"{word} left ventricular hypertrophy", False) for word in ("Possible", "Consider", "Cannot rule out", "")),
    ],
)
def test_what_is_likelier_than_not(text: str, likely: bool) -> None:
    (one,) = parse_report(text).statements
    assert one.code == "LVH" and one.likely == likely


def test_what_no_rule_covers_is_said() -> None:
    assert parse_report("Sinus rhythm. Wobbly baseline, frobnicated complexes.").unparsed == ("Wobbly", "frobnicated")
    assert parse_report("").statements == () and parse_report("").language is None


def test_findings_leave_out_what_was_earlier() -> None:
    found = parse_report("Sinus rhythm, no LVH. Previously there was atrial flutter.").findings()
    assert [(one.code, one.polarity) for one in found] == [("SR", "present"), ("LVH", "absent")]


@pytest.mark.parametrize(
    ("text", "code", "polarity"),
    [
        ("no ischemia, but LBBB", "CLBBB", "present"),
        ("kein AV-Block, jedoch Vorhofflimmern", "AFIB", "present"),
        ("kein Vorhofflimmern, sondern Sinusrhythmus", "AFIB", "absent"),
        ("kein Vorhofflimmern, sondern Sinusrhythmus", "SR", "present"),
        ("ST elevation, but not significant", "STE_", "possible"),
    ],
)
def test_a_denial_ends_where_a_contrast_begins(text, code, polarity):
    assert {one.code: one.polarity for one in parse_report(text).statements}[code] == polarity


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        # an "or" makes all before it one list, to its end and no further
        ("no ischemia, LVH or LBBB", "ISC_- LVH- CLBBB-"),
        ("no ischemia, infarct or block, atrial fibrillation", "ISC_- AFIB"),
        ("no atrial fibrillation, atrial flutter or sinus tachycardia", "AFIB- AFLT- STACH-"),
        ("keine Ischämie, Linkshypertrophie oder Linksschenkelblock, Vorhofflimmern", "ISC_- LVH- CLBBB- AFIB"),
        ("inga tecken på ischemi, hypertrofi eller vänstersidigt skänkelblock", "ISC_- CLBBB-"),
        ("weder Linksschenkelblock noch Rechtsschenkelblock", "CLBBB- CRBBB-"),
        ("varken ischemi eller förmaksflimmer", "ISC_- AFIB-"),
        # a rhythm begins anew
        ("no infarct, sinus rhythm", "SR"),
        ("kein Infarkt, Sinusrhythmus", "SR"),
        ("ingen infarkt, sinusrytm", "SR"),
        ("no block, sinus rhythm", "SR"),
        ("no ischemia and normal ECG", "ISC_- NORM"),
        ("keine Ischämie, Vorhofflimmern", "ISC_- AFIB"),
        ("kein Sinusrhythmus, Vorhofflimmern", "SR- AFIB"),
        ("ingen ischemi, pacemaker", "ISC_- PACE"),
        ("no infarct, sinus rhythm and LBBB", "SR CLBBB"),
        # what is of one kind is one list; what is not may be either
        ("no atrial fibrillation, atrial flutter", "AFIB- AFLT-"),
        ("no ST elevation, T wave inversion", "STE_- INVT-"),
        ("no ischemia, LBBB", "ISC_- CLBBB?"),
        ("keine Ischämie, Linkshypertrophie, Linksschenkelblock", "ISC_- LVH? CLBBB?"),
        ("no ischemia, QT prolonged", "ISC_- LNGQT?"),
        ("no acute ischemia, old inferior infarct", "ISC_- IMI"),
        # "possible" before what it is said of, and "no abnormal" before a wave
        ("no ischemia, possible LVH", "ISC_- LVH?"),
        ("sinus rhythm, possible LVH", "SR LVH?"),
        ("Linksschenkelblock, mögliche Linkshypertrophie", "CLBBB LVH?"),
        ("no pathological Q waves or ST elevation", "QWAVE- STE_-"),
        ("keine pathologischen Q-Zacken", "QWAVE-"),
    ],
)
def test_how_far_a_denial_and_a_doubt_reach(text: str, codes: str) -> None:
    assert said(text) == codes


def test_what_a_comma_may_deny_is_held_likelier_than_not() -> None:
    assert [(one.code, one.likely) for one in parse_report("no ischemia, LBBB").statements] == [
        ("ISC_", False),
        ("CLBBB", True),
    ]


def test_a_dangerous_rhythm_after_a_denial_is_mentioned() -> None:
    assert parse_report("no infarct, ventricular tachycardia").mentions == ("ventricular-tachycardia",)
    assert parse_report("no infarct or ventricular tachycardia").mentions == ()
