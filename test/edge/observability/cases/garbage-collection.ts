import { type AlertCases, at, gauge, one, start } from "./case.ts";
import { kubernetes, object, warning } from "./scraped.ts";

const collector = kubernetes({ deployment: "attic-gc" });
const job = kubernetes({ cronjob: "attic-gc" });
const day = 24;

/** Whether what nobody needs is removed. */
export const garbageCollection: AlertCases = {
  AtticGarbageCollectionStale: [
    {
      when: "its Deployment has had no pod for an hour",
      series: { [one("kube_deployment_status_replicas_available", collector)]: gauge(["10m", 1], ["2h", 0]) },
      fires: {
        "69m": [],
        "70m": [
          {
            labels: warning(object({ deployment: "attic-gc" })),
            says: {
              summary: "The garbage collector attic-gc does not run",
              description:
                "The Deployment nix-cache/attic-gc has had no running pod for an hour, so nothing is removed, and the " +
                "bucket grows. It collects when it starts, and then every 12h.",
            },
          },
        ],
      },
    },
    {
      when: "its Deployment is updated",
      series: {
        [one("kube_deployment_status_replicas_available", collector)]: gauge(
          ["10m", 1],
          ["50m", 0],
          ["1h", 1],
        ),
      },
      fires: { "59m": [], "119m": [] },
    },
    {
      when: "its CronJob, which runs every night, succeeded 26 hours ago",
      stack: "least, with a CronJob",
      start,
      series: {
        [one("kube_cronjob_status_last_successful_time", job)]: gauge(["2h", at(-26)]),
        [one("kube_cronjob_created", job)]: gauge(["2h", at(-1000)]),
      },
      fires: {
        "15m": [],
        "16m": [
          {
            labels: warning(object({ cronjob: "attic-gc" })),
            says: {
              summary: "No garbage has been collected for 1d 2h 16m 0s",
              description:
                'The CronJob nix-cache/attic-gc has not succeeded for 1d 2h 16m 0s; its schedule is "0 3 * * *". ' +
                "Nothing is removed, and the bucket grows.",
            },
          },
        ],
      },
    },
    {
      when: "it never did, and was made 27 hours ago",
      stack: "least, with a CronJob",
      start,
      series: { [one("kube_cronjob_created", job)]: gauge(["2h", at(-27)]) },
      fires: { "16m": [{ labels: warning(object({ cronjob: "attic-gc" })) }] },
    },
    {
      when: "it succeeded a day ago, and runs for an hour now",
      stack: "least, with a CronJob",
      start,
      series: {
        [one("kube_cronjob_status_last_successful_time", job)]: gauge(["1h", at(-day)], ["5h", at(1)]),
        [one("kube_cronjob_created", job)]: gauge(["6h", at(-1000)]),
      },
      fires: { "59m": [], "359m": [] },
    },
  ],
};
