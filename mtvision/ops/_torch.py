"""Forms of operations that were measured faster on PyTorch."""

import torch
from keras import ops

from mtvision.ops.cells import cell_corners, guess_cell, place


def weighted_rows(buffers, source, indices, weights):
    """See `mtvision.ops.sampling.weighted_rows`."""
    if indices.device.type == "meta":  # only the shape is asked for
        return buffers[0].new_empty((len(indices), buffers[0].shape[1]))
    if len(buffers) == 1:
        return _weighted_rows(buffers[0], indices, weights)
    lengths = [len(buffer) for buffer in buffers]
    if 2 * sum(lengths) < len(indices):  # to join them copies less
        ends = torch.tensor([0, *lengths[:-1]], device=source.device).cumsum(0)
        indices = indices + ends.to(indices.dtype)[source][:, None]
        return _weighted_rows(torch.cat(buffers), indices, weights)
    # One buffer after the other, as to join them would copy them all.
    order = torch.argsort(source)
    counts = torch.bincount(source, minlength=len(buffers)).tolist()
    rows = buffers[0].new_empty((len(indices), buffers[0].shape[1]))
    for buffer, places in zip(buffers, order.split(counts)):
        part = _weighted_rows(buffer, indices[places], weights[places])
        rows = rows.index_copy_(0, places, part)
    return rows


def _weighted_rows(buffer, indices, weights):
    rows = torch.nn.functional.embedding_bag(
        indices, buffer.float(), per_sample_weights=weights, mode="sum"
    )
    return rows.to(buffer.dtype)


def cell_sums(cells, num_cells, values=None):
    """See `mtvision.ops.exact_counts.cell_sums`."""
    sums = torch.bincount(cells, values, minlength=num_cells)
    return sums.to(torch.int32 if values is None else values.dtype)


def suppress(boxes, scores, classes, iou_threshold, *, max_outputs):
    """See `mtvision.ops.suppression.suppress_in_tiles`.

    The same steps, but sorted once, with sizes that follow the data.
    """
    tile_size = 128  # fastest of 64 to 256 on one CPU core
    scores, order = scores.sort(dim=1, descending=True, stable=True)
    everything = _ranked(boxes, classes, order)
    valid = scores > float("-inf")
    # Slots point to the last row, which is padding, until they are filled;
    # the last slot takes what is not kept.
    padding = boxes.shape[1] - 1
    kept = order.new_full((len(boxes), max_outputs + 1), padding)
    count, most = order.new_zeros((len(boxes), 1)), 0
    last = int(valid.any(0).sum())
    for start in range(0, last, tile_size):
        places = slice(start, min(start + tile_size, last))
        keep = valid[:, places]
        if not (keep[:, :1] & (count < max_outputs)).any():
            break
        tile = tuple(x[..., places] for x in everything)
        if most:
            chosen = _at(everything, kept[:, :most])
            keep = keep & ~_overlaps(chosen, tile, iou_threshold).any(1)
        keep = _resolve(keep, _overlaps(tile, tile, iou_threshold))
        slots = count + keep.cumsum(1) - 1
        slots = slots.where(keep, max_outputs).clamp(max=max_outputs)
        ranks = torch.arange(start, start + keep.shape[1], device=boxes.device)
        kept.scatter_(1, slots, ranks.expand_as(slots))
        count = (count + keep.sum(1, keepdim=True)).clamp(max=max_outputs)
        most = int(count.max())
    kept = kept[:, :max_outputs]
    return order.gather(1, kept).where(kept != padding, -1).int()


def _ranked(boxes, classes, order):
    boxes = boxes.gather(1, order[..., None].expand_as(boxes))
    area = (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])
    planes = torch.cat([boxes, area[..., None]], 2).mT.contiguous()
    return (planes,) if classes is None else (planes, classes.gather(1, order))


def _at(everything, places):
    planes, *classes = everything
    chosen = planes.gather(2, places[:, None].expand(-1, 5, -1))
    return (chosen, *(x.gather(1, places) for x in classes))


def _overlaps(a, b, iou_threshold):
    x, y = a[0][..., None], b[0][..., None, :]
    width = torch.minimum(x[:, 2], y[:, 2])
    width = width.sub_(torch.maximum(x[:, 0], y[:, 0])).clamp_(min=0)
    height = torch.minimum(x[:, 3], y[:, 3])
    height = height.sub_(torch.maximum(x[:, 1], y[:, 1])).clamp_(min=0)
    inter = width.mul_(height)
    union = torch.add(x[:, 4], y[:, 4], out=height).sub_(inter)
    overlaps = inter.div_(union) > iou_threshold
    if len(a) > 1:
        overlaps &= a[1][..., None] == b[1][..., None, :]
    return overlaps


def _resolve(free, overlaps):
    better = overlaps.triu(1).float()
    keep, before = free, None
    while before is None or not torch.equal(keep, before):
        before = keep
        keep = free & (torch.bmm(keep.float()[:, None], better)[:, 0] == 0)
    return keep


def max_pool(x, *, pool_size, strides, padding, ceil_mode):
    """See `mtvision.ops.max_pooling.pool_by_pixels`."""
    values, indices = torch.nn.functional.max_pool2d(
        x.permute(0, 3, 1, 2),
        pool_size,
        strides,
        padding,
        ceil_mode=ceil_mode,
        return_indices=True,
    )
    return values.permute(0, 2, 3, 1), indices.permute(0, 2, 3, 1).int()


def max_unpool(values, indices, *, size):
    """See `mtvision.ops.cells.unpool_by_cells`."""
    batch, height, width, channels = values.shape
    cell = guess_cell((height, width), size)
    if cell is None:
        return place(values, indices, size=size)

    def scatter():
        rows = indices.reshape(batch, -1, channels).long()
        zeros = values.new_zeros((batch, size[0] * size[1], channels))
        maps = zeros.scatter(1, rows, values.reshape(rows.shape))
        return maps.reshape(batch, *size, channels)

    return ops.cond(
        _are_in_cells(indices, size[1], cell),
        scatter,
        lambda: place(values, indices, size=size),
    )


def _are_in_cells(indices, width, cell):
    """See `mtvision.ops.cells.are_in_cells`."""
    columns = indices - cell_corners(indices, width=width, cell=cell)
    for _ in range(cell[0] - 1):  # leaves out the rows
        columns = columns - width * (columns >= width).int()
    least, most = columns.aminmax()
    return (least >= 0) & (most < cell[1])
