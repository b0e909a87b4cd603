"""The funnel of employers: points beyond the scale are told, and no name covers another."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

from riskmodel.report.funnel_picture import FunnelPicture, FunnelPoint, draw_funnel

PICTURE = FunnelPicture(
    points=(FunnelPoint(5.0, 1.2),),
    expected=(1.0, 50.0),
    inner=((0.1, 0.7), (2.0, 1.3)),
    outer=((0.0, 0.6), (3.0, 1.5)),
    ticks=((1.0, "1"), (50.0, "50")),
    levels=((0.0, "0"), (4.0, "4"), (8.0, "8")),
    across="Across",
    up="Up",
    inner_label="95%",
    outer_label="99.8%",
    summary="Employers",
)


def test_a_point_beyond_the_scale_is_a_triangle_with_its_own_name() -> None:
    points = (FunnelPoint(5.0, 53.8, "V05 (53.8)", marked=True), FunnelPoint(6.0, 7.0))
    drawn = draw_funnel(replace(PICTURE, points=points))
    assert drawn.count("<polygon") == 1
    assert "V05 (53.8)" in drawn
    assert drawn.count("<circle") == 1
    assert "<polygon" not in draw_funnel(PICTURE)


def test_names_at_the_same_place_stand_below_each_other() -> None:
    points = tuple(FunnelPoint(5.0, 20.0 + one, f"V{one}", marked=True) for one in range(4))
    drawn = draw_funnel(replace(PICTURE, points=points))
    heights = sorted(
        float(one) for one in re.findall(r'<text class="strong"[^>]*y="([0-9.]+)"', drawn)
    )
    assert len(heights) == 4
    assert min(after - before for before, after in itertools.pairwise(heights)) >= 16
