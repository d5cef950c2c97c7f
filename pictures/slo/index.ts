import { budget, objective } from "../../components/observability/slo/objectives.ts";
import { days } from "../../components/observability/slo/window.ts";
import { chart } from "../chart.ts";
import { frame } from "../frame.ts";
import { detections } from "./detection.ts";
import { lineName, sloSpec, span } from "./spec.ts";

/** How soon somebody is told when availability suffers, by how much it does. */
export async function sloPicture(): Promise<string> {
  const availability = objective("availability");
  const all = detections(availability);
  const share = Math.round(budget(availability) * 1e6) / 1e4;
  return frame(
    {
      title: "What fires when",
      lead: [
        `Availability promises ${availability.percent} % over ${days(availability.period)} days: ${share} % of requests may fail. The more fail, the sooner`,
        "somebody is told: by a page now, or a ticket for working hours, and always before the budget is gone.",
      ],
      description: all
        .map(
          (each) =>
            `${lineName(each)}: from ${percent(each.least.share)} of requests on, after ${span(each.least.after)}; when all fail, after ${span(each.all.after)}.`,
        )
        .join(" "),
      notes: [
        "Computed from components/observability/slo, for requests that come evenly: a dot is the smallest share that is told of, and",
        "when. An alert also waits for ten bad requests (attic:observability.slo.minimumBadRequests).",
      ],
    },
    await chart(sloSpec(all)),
  );
}

const percent = (share: number) => `${Math.round(share * 1e6) / 1e4} %`;
