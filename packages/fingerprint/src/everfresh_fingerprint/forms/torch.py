"""Tensors by type, shape, kind of device, layout and bytes; numpy sees the memory of a tensor without a copy."""

from __future__ import annotations

import torch  # type: ignore[import-not-found, import-untyped, unused-ignore]

from everfresh_fingerprint.digest import Digest, digest
from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.form import Form, register, register_family

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@register(torch.Tensor)
def _tensor(value: Any) -> Form:
    return Form("Tensor", _parts(value))


@register(torch.nn.Parameter)
def _parameter(value: Any) -> Form:
    return Form("Parameter", _parts(value))


@register_family(torch.Tensor)
def _subclass(value: Any) -> Form:
    return Form("object", [type(value), *_parts(value)])


def _parts(value: Any) -> list[object]:
    if value.grad_fn is not None:
        raise UnfingerprintableError("a tensor knows how it was computed, and could be asked for it; detach() it first")
    head = [str(value.dtype), tuple(value.shape), value.device.type, value.requires_grad, str(value.layout)]
    hooks = list((value._backward_hooks or {}).values())
    plain = value.detach()
    if value.layout is torch.strided:
        plain = plain.as_subclass(torch.Tensor)  # whose methods are torch's own
    return [*head, value.grad, hooks, vars(value), *_content(plain)]


def _content(value: Any) -> list[object]:
    if value.device.type == "meta":
        return []
    if value.is_quantized:
        return [value.qscheme(), value.int_repr(), *_scales(value)]
    if value.layout is torch.sparse_coo:
        return [value.is_coalesced(), value._indices(), value._values()]
    if value.layout in (torch.sparse_csr, torch.sparse_bsr):
        return [value.crow_indices(), value.col_indices(), value.values()]
    if value.layout in (torch.sparse_csc, torch.sparse_bsc):
        return [value.ccol_indices(), value.row_indices(), value.values()]
    return _strided(value.resolve_conj().resolve_neg())


def _scales(value: Any) -> list[object]:
    if value.qscheme() in (torch.per_tensor_affine, torch.per_tensor_symmetric):
        return [value.q_scale(), value.q_zero_point()]
    return [value.q_per_channel_scales(), value.q_per_channel_zero_points(), value.q_per_channel_axis()]


def _strided(value: Any) -> list[object]:
    """In the order in which the dimensions lie in memory, which code can see; with gaps, as the packed copy."""
    if value.is_contiguous():
        return ["packed", _bytes(value)]
    order = sorted(range(value.dim()), key=lambda one: (-value.stride(one), one))
    turned = value.permute(order)
    return [order, _bytes(turned)] if turned.is_contiguous() else ["packed", _bytes(value.contiguous())]


def _bytes(value: Any) -> Digest:
    # Seen as bytes, since numpy has not all of torch's types.
    flat = value.cpu().reshape(-1)
    return digest(flat.view(torch.uint8).numpy().data) if flat.numel() else digest(b"")
