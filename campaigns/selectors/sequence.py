"""What the sequence designer shows: the steps, the e-mail being written, its place."""

from dataclasses import dataclass

from campaigns.enums import ThreadMode, VariantStatus
from campaigns.models import Campaign, SequenceStep, StepVariant


@dataclass(frozen=True)
class Place:
    """The e-mail of a sequence someone is writing."""

    steps: list[SequenceStep]
    step: SequenceStep
    variant: StepVariant

    @property
    def variants(self) -> list[StepVariant]:
        """All wordings of the step."""
        return list(self.step.variants.all())

    @property
    def shares(self) -> list[tuple[StepVariant, int]]:
        """Each wording with the percentage of people who get it."""
        active = [one for one in self.variants if one.status == VariantStatus.ACTIVE]
        whole = sum(one.weight for one in active) or 1
        return [
            (one, round(100 * one.weight / whole) if one in active else 0) for one in self.variants
        ]

    @property
    def answers(self) -> bool:
        """Whether the e-mail is a reply in the thread of the first."""
        return self.step.order > 1 and self.step.thread_mode == ThreadMode.SAME

    @property
    def thread_subject(self) -> str:
        """The subject template of the thread this e-mail answers in."""
        before = [one for one in self.steps if one.order < self.step.order]
        begun = [one for one in before if one.order == 1 or one.thread_mode == ThreadMode.NEW]
        first = next(iter(begun[-1].variants.all()), None) if begun else None
        return first.subject if first else ""


def place_in(campaign: Campaign, step: str, variant: str) -> Place | None:
    """Return the e-mail named by a step's order and a variant's label, or the first one.

    None when the sequence is empty.
    """
    steps = list(campaign.steps.prefetch_related("variants"))
    for one in steps:
        one.campaign = campaign
        for wording in one.variants.all():
            wording.step = one
    if not steps:
        return None
    chosen = next((one for one in steps if str(one.order) == step), steps[0])
    wordings = list(chosen.variants.all())
    found = next((one for one in wordings if one.label == variant.upper()), wordings[0])
    return Place(steps, chosen, found)
