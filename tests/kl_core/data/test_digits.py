"""The data and what reads it: the split, the teacher, and whether its probabilities can be believed."""

import numpy as np
import pytest
import torch

from kl_core.data.digits import DATA, ambiguous, few, load_digits, margin, shifted, without
from kl_core.data.weights import arrays_of, fill, load_arrays, save_arrays
from kl_core.distilling.calibration import agreement, expected_calibration_error, reliability
from kl_core.distilling.teacher import TeacherTraining, accuracy, load_teacher, teacher_logits

TRAIN, TEST = load_digits()


def test_the_split_is_1297_and_500_images_fifty_of_each_digit_in_the_test_set():
    assert (len(TRAIN), len(TEST)) == (1297, 500)
    assert TEST.labels.bincount().tolist() == [50] * 10
    assert TRAIN.images.dtype == torch.float32 and TRAIN.images.shape == (1297, 64) and TRAIN.labels.dtype == torch.int64


def test_pixels_are_sixteenths_of_full_ink():
    images = torch.cat([TRAIN.images, TEST.images])
    assert float(images.min()) == 0 and float(images.max()) == 1
    assert torch.equal((16 * images).round(), 16 * images)
    # Of the published set: its classes, and the ink of all its images together.
    assert torch.cat([TRAIN.labels, TEST.labels]).bincount().tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert float(16 * images.double().sum()) == 561718


def test_the_files_hold_numbers_only_and_stay_small():
    for name in ("digits", "teacher", "students", "vae", "glyph_vae"):
        with np.load(DATA / f"{name}.npz", allow_pickle=False) as file:
            assert all(file[one].dtype.kind in "fub" for one in file.files)
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 1_000_000
    assert "CC BY 4.0" in (DATA / "SOURCE.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("count", [1, 7, 10, 25, 100, 1000, 1297])
def test_few_labels_are_spread_over_the_digits_as_evenly_as_there_are_images(count):
    chosen = few(TRAIN, count, seed=5)
    assert len(chosen.unique()) == count
    counts = TRAIN.labels[chosen].bincount(minlength=10)
    there = TRAIN.labels.bincount()
    assert all(counts[digit] in (there[digit], counts.max(), counts.max() - 1) for digit in range(10))
    assert torch.equal(few(TRAIN, count, seed=5), chosen)


def test_fewer_labels_of_a_seed_are_among_more():
    assert set(few(TRAIN, 30, 2).tolist()) <= set(few(TRAIN, 31, 2).tolist()) and not torch.equal(few(TRAIN, 30, 2), few(TRAIN, 30, 3))


def test_left_out_digits_are_out():
    remaining = without(TRAIN, (3, 8))
    assert sorted(remaining.labels.unique().tolist()) == [0, 1, 2, 4, 5, 6, 7, 9]
    with pytest.raises(ValueError, match="^left_out is"):
        without(TRAIN, range(10))
    with pytest.raises(ValueError, match="^left_out has 10"):
        without(TRAIN, [10])


def test_shifted_images_are_the_image_moved_by_at_most_one_pixel():
    image = TRAIN.images[7].view(8, 8)
    padded = torch.nn.functional.pad(image, (1, 1, 1, 1))
    possible = {tuple(padded[i : i + 8, j : j + 8].flatten().tolist()) for i in range(3) for j in range(3)}
    moved = shifted(TRAIN.images[7:8].repeat(200, 1), torch.Generator().manual_seed(0))
    assert {tuple(one.tolist()) for one in moved} == possible and len(possible) == 9


def test_the_most_ambiguous_come_first():
    logits = torch.tensor([[5.0, 1, 0], [2, 2, 0], [0, 1, 0.5]])
    assert margin(logits).tolist() == [4, 0, 0.5]
    assert ambiguous(logits).tolist() == [1, 2, 0] and ambiguous(logits, 1).tolist() == [1]


def test_the_teacher_that_ships_reads_97_of_100_and_more_of_those_it_is_sure_of():
    logits = teacher_logits(load_teacher(), TEST)
    right = (logits.argmax(-1) == TEST.labels).double()
    assert accuracy(logits, TEST.labels) >= 0.97
    assert float(right[ambiguous(logits, 50)].mean()) < float(right[ambiguous(logits)[50:]].mean()) - 0.05


def test_training_a_teacher_reaches_95_of_100_in_eight_epochs_and_is_the_same_for_a_seed():
    run = TeacherTraining(epochs=8, seed=1)
    epochs = list(run)
    assert [one.epoch for one in epochs] == list(range(1, 9)) and epochs[-1].accuracy >= 0.95 and epochs[-1].loss < epochs[0].loss / 3
    torch.rand(3)  # what others draw does not disturb it
    assert next(iter(TeacherTraining(epochs=8, seed=1))) == epochs[0]
    assert next(iter(TeacherTraining(epochs=8, seed=2))) != epochs[0]


def test_data_and_networks_first_asked_for_under_inference_mode_can_be_differentiated():
    for load in (load_digits, load_teacher):
        load.cache_clear()
    with torch.inference_mode():
        load_teacher(), load_digits()
    scale = torch.ones(64, requires_grad=True)
    load_teacher()(load_digits()[1].images * scale).sum().backward()
    assert float(scale.grad.abs().sum()) > 0


def test_the_calibration_error_of_a_bin_is_its_accuracy_less_its_confidence():
    probs = torch.tensor([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.4, 0.6]])
    labels = torch.tensor([0, 1, 0, 1])
    # Two at 0.9, half right: 0.4 off; two at 0.6, both right: 0.4 off.
    assert float(expected_calibration_error(probs, labels, bins=10)) == pytest.approx(0.4, abs=1e-6)
    bins = reliability(probs.expand(3, 4, 2), labels, bins=10)
    assert bins.count.shape == (3, 10)
    # Of float32, 0.9 lies above nine tenths or below; the bins to either side are all that it may fall in.
    assert bins.count.sum(-1).tolist() == [4] * 3 and bins.count[0, :5].tolist() == [0] * 5
    with pytest.raises(ValueError, match="^bins is 0"):
        reliability(probs, labels, bins=0)


def test_a_classifier_that_is_calibrated_by_construction_has_a_small_calibration_error():
    generator = torch.Generator().manual_seed(0)
    probs = (2 * torch.randn(50_000, 5, generator=generator)).softmax(-1)
    labels = torch.multinomial(probs, 1, generator=generator).squeeze(-1)
    assert float(expected_calibration_error(probs, labels)) < 0.01
    overconfident = (2 * probs.log()).softmax(-1)
    assert float(expected_calibration_error(overconfident, labels)) > 0.1


def test_agreement_counts_equal_answers():
    assert float(agreement(torch.tensor([[1.0, 0], [0, 1], [0, 1], [1, 0]]), torch.tensor([[3.0, 0], [0, 1], [1, 0], [1, 0]]))) == 0.75


def test_weights_come_back_as_they_were_to_half_a_float_and_the_file_is_the_same_each_time(tmp_path):
    module = torch.nn.Linear(3, 2)
    save_arrays(tmp_path / "a.npz", arrays_of(module, "x"))
    save_arrays(tmp_path / "b.npz", arrays_of(module, "x"))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    other = fill(torch.nn.Linear(3, 2), load_arrays(tmp_path / "a.npz"), "x")
    assert torch.allclose(other.weight, module.weight, rtol=2**-10) and other.weight.dtype == torch.float32
    with pytest.raises(ValueError, match="x/weight"):
        fill(torch.nn.Linear(4, 2), load_arrays(tmp_path / "a.npz"), "x")


@pytest.mark.parametrize("bad", [0, 1298])
def test_a_count_of_labels_that_there_are_not_is_named(bad):
    with pytest.raises(ValueError, match=f"^count is {bad}"):
        few(TRAIN, bad)
