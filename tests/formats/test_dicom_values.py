"""Values read past pydicom's conversion are those that it converts to."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from einthoven.formats.dicom_values import first_of, number_of, text_of

SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]


def again(dataset: Dataset, syntax: str) -> Dataset:
    """As it is read from a file."""
    held = BytesIO()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.MediaStorageSOPClassUID = dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dcmwrite(held, dataset, little_endian=syntax != ExplicitVRBigEndian, implicit_vr=syntax == ImplicitVRLittleEndian)
    return dcmread(BytesIO(held.getvalue()), force=True)


@pytest.mark.parametrize("syntax", SYNTAXES)
@given(text=st.text(st.characters(codec="latin-1", exclude_characters="\x1b"), max_size=16))
def test_texts_are_as_pydicom_converts_them(syntax, text) -> None:
    dataset = Dataset()
    dataset.SpecificCharacterSet, dataset.PatientID, dataset.UnformattedTextValue = "ISO_IR 100", text, text
    read, plain = again(dataset, syntax), again(dataset, syntax)
    for keyword in ("PatientID", "UnformattedTextValue", "Manufacturer"):
        assert text_of(read, keyword) == str(plain.get(keyword) or "")


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize(
    ("stated", "number"), [("1.25", 1.25), (" -3 ", -3.0), ("0", 0.0), ("", None), (None, None), ("1e-7", 1e-7)]
)
def test_numbers(syntax, stated, number) -> None:
    dataset = Dataset()
    dataset.WaveformBitsStored = 12
    if stated is not None:
        dataset.ChannelSensitivity = stated
    read = again(dataset, syntax)
    assert number_of(read, "ChannelSensitivity") == number
    assert number_of(read, "WaveformBitsStored") == 12 and number_of(read, "ChannelBaseline") is None


def test_several_letters_of_another_set() -> None:
    dataset = Dataset()
    dataset.SpecificCharacterSet, dataset.PatientID, dataset.Manufacturer = ["", "ISO 2022 IR 87"], "山田", ["a", "b"]
    read = again(dataset, ExplicitVRLittleEndian)
    assert text_of(read, "PatientID") == "山田" and text_of(read, "Manufacturer") == "['a', 'b']"


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_the_first_item_of_a_sequence(syntax) -> None:
    first, dataset = Dataset(), Dataset()
    first.NumericValue = 7
    dataset.WaveformAnnotationSequence = [first, Dataset()]
    assert number_of(first_of(again(dataset, syntax), "WaveformAnnotationSequence"), "NumericValue") == 7
    assert first_of(Dataset(), "WaveformAnnotationSequence") is None
