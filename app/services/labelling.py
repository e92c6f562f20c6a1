"""Labelling: the labels for what a person is about to be shown, from fields that were read already."""

from collections.abc import Sequence

from app.core.mapping.labels import WORK_ORDER, Labels, labels_of
from app.core.model.intent import Intent
from app.services.site import Site


async def labels_for(site: Site, intents: Sequence[Intent]) -> Labels:
    """Labels of the picklists that the intents write to. Costs no call: what was never read is shown without."""
    wanted = sorted({intent.entity for intent in intents} - {WORK_ORDER})
    known = [await site.fields.known(entity) for entity in wanted]
    return labels_of(site.outbound.compiled).beside([catalog for catalog in known if catalog])
