"""Values of other packages: what is refused, what is not imported, and what a rule for a whole family must see."""

from __future__ import annotations

import fingerprint_kinds as kinds
import numpy as np
import pytest
from everfresh_fingerprint import UnfingerprintableError, fingerprint


def refusal(value):
    with pytest.raises(UnfingerprintableError) as caught:
        fingerprint([value])
    return str(caught.value)


def test_no_package_is_imported_unless_a_value_of_it_is_met(in_process):
    """Rules for a package load with its first value; a program that has none of it does not pay for it."""
    script = """
        import sys
        from everfresh_fingerprint import fingerprint
        class C: ...
        fingerprint([1, {"a": C()}, C, {b"x"}])
        packages = "numpy pandas polars pyarrow scipy torch tqdm xarray pathlib dataclasses threading logging".split()
        print([package for package in packages if package in sys.modules])
    """
    assert in_process(script) == "[]"


def test_array_of_a_class_of_its_own_goes_by_class_and_attributes():
    """A subclass of an array is told from the array, and by the attributes that numpy's pickle would drop."""
    plain, bare, tagged = np.zeros(3), np.zeros(3).view(kinds.Bare), np.zeros(3).view(kinds.Bare)
    tagged.tag = 1
    assert len({fingerprint(one) for one in (plain, bare, tagged)}) == 3


def test_hard_mask_counts():
    """A masked array whose mask cannot be lifted is another one."""
    made = [np.ma.array([1, 2], mask=[False, True], hard_mask=hard) for hard in (False, True)]
    assert fingerprint(made[0]) != fingerprint(made[1])


def test_lazy_frame_is_refused():
    """A plan of polars is refused with the way out: what it will read cannot be known."""
    polars = pytest.importorskip("polars")
    assert "collect()" in refusal(polars.LazyFrame({"a": [1]}))


def test_expression_with_a_function_is_refused():
    """An expression of polars that holds a Python function is refused: its pickle does not show what it calls."""
    polars = pytest.importorskip("polars")
    assert "polars" in refusal(polars.col("a").map_batches(lambda values: values))


def test_tensor_that_was_computed_is_refused():
    """A tensor that could be asked how it was computed is refused with the way out."""
    torch = pytest.importorskip("torch")
    assert "detach()" in refusal(torch.zeros(2, requires_grad=True) * 2)


def test_gradient_counts():
    """The gradient that a tensor holds is part of it."""
    torch = pytest.importorskip("torch")
    one, other = (torch.zeros(2, requires_grad=True) for _ in range(2))
    assert fingerprint(one) == fingerprint(other)
    (one * 2).sum().backward()
    assert fingerprint(one) != fingerprint(other)


def test_tensor_of_a_class_of_its_own_goes_by_class_and_attributes():
    """A subclass of a tensor is told from the tensor, and by its attributes."""
    torch = pytest.importorskip("torch")
    own = type("Own", (torch.Tensor,), {})
    plain, bare, tagged = torch.zeros(3), torch.zeros(3).as_subclass(own), torch.zeros(3).as_subclass(own)
    tagged.tag = 1
    assert len({fingerprint(one) for one in (plain, bare, tagged)}) == 3


def test_bar_over_a_generator_is_refused():
    """A progress bar stands for what it goes through, which can have no fingerprint."""
    tqdm = pytest.importorskip("tqdm")
    assert "generator" in refusal(tqdm.tqdm((one for one in [1]), disable=True))


def test_sparse_array_of_a_class_of_its_own_is_told_apart():
    """A subclass of a sparse array is not the array."""
    sparse = pytest.importorskip("scipy.sparse")
    own = type("Own", (sparse.csr_array,), {})
    assert fingerprint(own(np.eye(2))) != fingerprint(sparse.csr_array(np.eye(2)))
