"""A fitted model as plain JSON values, and back. Floats survive the round trip exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from riskmodel.domain.codebook_parsing import codebook_to_mapping, parse_codebook
from riskmodel.model.binning import FieldBins
from riskmodel.model.curve import DurationCurve, LandmarkCurve
from riskmodel.model.recipe_version import UNKNOWN_RECIPE
from riskmodel.model.risk_model import Provenance, RiskModel
from riskmodel.model.spread import Spread
from riskmodel.model.tables import AdditiveTables, Line, TableValues

__all__ = ["model_from_documents", "model_to_documents"]

Document = dict[str, Any]
FloatArray = npt.NDArray[np.float64]


def model_to_documents(model: RiskModel) -> dict[str, Document]:
    """Return the documents of a model: codebook, tables, spread, curve and provenance."""
    return {
        "codebook": dict(codebook_to_mapping(model.codebook)),
        "tables": _tables_to_document(model.tables),
        "spread": _spread_to_document(model.spread),
        "curve": _curve_to_document(model.curve),
        "provenance": _provenance_to_document(model.provenance),
    }


def model_from_documents(documents: Mapping[str, Document], version: str) -> RiskModel:
    """Rebuild a model; every object checks itself.

    Raises
    ------
    ValueError, KeyError, TypeError
        If a document does not describe a model.
    """
    tables = _tables_from_document(documents["tables"])
    return RiskModel(
        codebook=parse_codebook(documents["codebook"], "codebook.json"),
        tables=tables,
        spread=_spread_from_document(documents["spread"], tables),
        curve=_curve_from_document(documents["curve"]),
        provenance=_provenance_from_document(documents["provenance"]),
        version=version,
    )


def _provenance_to_document(origin: Provenance) -> Document:
    document = asdict(origin)
    if not origin.fingerprints:
        del document["fingerprints"]
    return document


def _provenance_from_document(document: Document) -> Provenance:
    fingerprints = tuple(str(one) for one in document.get("fingerprints", ()))
    known = {"recipe_version": UNKNOWN_RECIPE, **document, "fingerprints": fingerprints}
    return Provenance(**known)


def _array(values: Any, *shape: int) -> FloatArray:
    found = np.array(values, dtype=np.float64).reshape(shape) if values else np.zeros(shape)
    if not np.all(np.isfinite(found)):
        msg = "figures of a model must be finite."
        raise ValueError(msg)
    return found


def _tables_to_document(tables: AdditiveTables) -> Document:
    fields = [
        {
            "name": one.name,
            "kind": one.kind,
            "edges": one.edges.tolist(),
            "n_values": one.n_values,
            "seen": one.seen.tolist(),
            "limits": list(one.limits),
            "line": asdict(line),
            "slope": float(slope),
            "steps": steps.tolist(),
        }
        for one, line, slope, steps in zip(
            tables.bins, tables.lines, tables.values.slopes, tables.values.steps, strict=True
        )
    ]
    pairs = [
        {"fields": [i, j], "steps": table.tolist()}
        for (i, j), table in sorted(tables.values.pairs.items())
    ]
    return {"intercept": tables.values.intercept, "fields": fields, "pairs": pairs}


def _tables_from_document(document: Document) -> AdditiveTables:
    fields = document["fields"]
    bins = tuple(
        FieldBins(
            name=str(one["name"]),
            kind=one["kind"],
            edges=_array(one["edges"], len(one["edges"])),
            n_values=int(one["n_values"]),
            seen=np.array(one["seen"], dtype=np.bool_),
            limits=(float(one["limits"][0]), float(one["limits"][1])),
        )
        for one in fields
    )
    values = TableValues(
        intercept=float(document["intercept"]),
        steps=tuple(_array(one["steps"], len(one["steps"])) for one in fields),
        slopes=_array([one["slope"] for one in fields], len(fields)),
        pairs={
            _pair(one["fields"], len(fields)): _array(
                one["steps"], *(bins[index].n_entries for index in one["fields"])
            )
            for one in document["pairs"]
        },
    )
    return AdditiveTables(bins, tuple(Line(**one["line"]) for one in fields), values)


def _pair(fields: Any, n_fields: int) -> tuple[int, int]:
    i, j = (int(index) for index in fields)
    if not 0 <= i < j < n_fields:
        msg = f"a pair term must name two fields in order, got {fields}."
        raise ValueError(msg)
    return i, j


def _spread_to_document(spread: Spread) -> Document:
    return {
        "scale": spread.scale,
        "unlearned": spread.unlearned,
        "hidden": spread.hidden,
        "intercept": spread.intercept.tolist(),
        "slopes": spread.slopes.tolist(),
        "steps": [one.tolist() for one in spread.steps],
        "pairs": [{"fields": list(pair), "steps": one.tolist()} for pair, one in spread.pairs],
    }


def _spread_from_document(document: Document, tables: AdditiveTables) -> Spread:
    width = len(document["intercept"])
    bins = tables.bins
    return Spread(
        intercept=_array(document["intercept"], width),
        steps=tuple(
            _array(one, entries.n_entries, width)
            for one, entries in zip(document["steps"], bins, strict=True)
        ),
        slopes=_array(document["slopes"], len(bins), width),
        pairs=tuple(
            (
                _pair(one["fields"], len(bins)),
                _array(one["steps"], *(bins[index].n_entries for index in one["fields"]), width),
            )
            for one in document["pairs"]
        ),
        scale=float(document["scale"]),
        unlearned=float(document["unlearned"]),
        hidden=float(document["hidden"]),
    )


def _curve_to_document(curve: DurationCurve) -> Document:

    return {
        "levels": list(curve.levels),
        "last_week": curve.last_week,
        "longest": curve.longest,
        "landmarks": [
            {
                "landmark": one.landmark,
                "weeks": one.weeks.tolist(),
                "at_low": one.at_low.tolist(),
                "at_high": one.at_high.tolist(),
                "anchors": list(one.anchors),
                "tail_rate": one.tail_rate,
            }
            for one in curve.landmarks
        ],
    }


def _curve_from_document(document: Document) -> DurationCurve:
    landmarks = tuple(
        LandmarkCurve(
            landmark=float(one["landmark"]),
            weeks=_array(one["weeks"], len(one["weeks"])),
            at_low=_array(one["at_low"], len(one["at_low"])),
            at_high=_array(one["at_high"], len(one["at_high"])),
            anchors=(float(one["anchors"][0]), float(one["anchors"][1])),
            tail_rate=float(one["tail_rate"]),
        )
        for one in document["landmarks"]
    )
    return DurationCurve(
        landmarks,
        float(document["last_week"]),
        (float(document["levels"][0]), float(document["levels"][1])),
        float(document["longest"]),
    )
