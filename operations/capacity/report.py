"""The whole report of a stage: computed, simulated, and as JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from operations.capacity.advice import advised, changes, recommended_target
from operations.capacity.bills import total
from operations.capacity.cases import Case, Result, all_cases, simulate, stage_of
from operations.capacity.comparison import bill_at, cost_curves, crossings
from operations.capacity.document import STATED_TOTAL, document_lines
from operations.capacity.limits import limits
from operations.capacity.stage import INFERENCES, ServedStage
from operations.capacity.traffic import VOLUMES, day_rates, mean_rate


@dataclass(frozen=True, kw_only=True)
class Report:
    """A stage, and the result of each simulated case."""

    stage: ServedStage
    results: Mapping[Case, Result]

    @property
    def rate(self) -> float:
        """Requests/s of one of the stage's instances."""
        return self.stage.measured.instance_rate(self.stage.settings.endpoint.instance_type)

    @property
    def target(self) -> int:
        """The recommended `endpoint.targetInvocationsPerMinute`."""
        return recommended_target(self.rate)

    def as_json(self) -> dict[str, Any]:
        """Everything, quantities with their units in their names."""
        endpoint = self.stage.settings.endpoint
        return {
            "stage": self.stage.name,
            "region": self.stage.prices.region,
            "prices_as_of": self.stage.prices.as_of.isoformat(),
            "measured_on": self.stage.measured.measured_on.isoformat(),
            "measurements": self.stage.measured.model_dump(mode="json"),
            "instance": {
                "type": endpoint.instance_type,
                "requests_per_second": self.rate,
                "target_invocations_per_minute": endpoint.target_invocations_per_minute,
                "recommended_target_invocations_per_minute": self.target,
            },
            "volumes": [self._volume(name, plans) for name, plans in VOLUMES.items()],
            "crossings": [
                {"cheaper": crossing.second, "than": crossing.first, "from_plans_per_month": crossing.plans}
                for crossing in crossings(*cost_curves(self.stage))
            ],
            "document": {
                "stated_total_usd": STATED_TOTAL,
                "lines": [vars(line) for line in document_lines(self.stage.prices, self.stage.measured)],
            },
            "simulations": [result.as_json() for result in self.results.values()],
        }

    def _volume(self, name: str, plans: float) -> dict[str, Any]:
        mean, peak = mean_rate(plans), float(day_rates(plans).max())
        inferences = {}
        for inference in INFERENCES:
            bill = bill_at(self.stage, inference, plans)
            found = limits(self.stage, inference)
            advice = advised(self.stage, inference, peak, ahead=False)
            inferences[inference] = {
                "usd_per_month": round(total(bill), 2),
                "lines": [{**vars(line), "usd": round(line.usd, 4)} for line in bill],
                "limits": [
                    {**vars(limit), "used_share": round(limit.used(mean, peak), 5)}
                    for limit in sorted(found, key=lambda limit: limit.used(mean, peak), reverse=True)
                ],
                "settings_to_change": changes(self.stage, advice, inference),
            }
        return {
            "name": name,
            "plans_per_month": plans,
            "mean_plans_per_second": mean,
            "busiest_plans_per_second": peak,
            "inferences": inferences,
        }


def make_report(stage: ServedStage, *, progress: Callable[[int, int], None]) -> Report:
    """Simulates every case; `progress` gets how many are done, and of how many."""
    cases = list(all_cases())
    results: dict[Case, Result] = {}
    for done, case in enumerate(cases):
        progress(done, len(cases))
        fitting, as_set = stage_of(case, stage), replace(case, variant="as set")
        if fitting == stage and as_set in results:  # no settings change, so the simulation is the same
            results[case] = replace(results[as_set], case=case)
        else:
            results[case] = simulate(case, fitting)
    progress(len(cases), len(cases))
    return Report(stage=stage, results=results)
