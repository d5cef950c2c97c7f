import { type AlertCases, at, gauge, type Labels, namespace, one, start } from "./case.ts";
import { critical, warning } from "./scraped.ts";

const day = 24;

const token = (name: string, kind: string, generation = "3") => ({
  namespace,
  token: name,
  kind,
  generation,
});
const ends = (of: Labels) => one("attic_token_expiry_timestamp_seconds", of);
const due = (of: Labels) => one("attic_token_rotation_due_timestamp_seconds", of);
const told = (name: string, kind: string) => ({ namespace, token: name, kind });
const main = token("gitlab-main", "ci");

/** Whether tokens take each other's place in time. */
export const tokens: AlertCases = {
  AtticTokenRotationOverdue: [
    {
      when: "the next one has been due for two days",
      start,
      series: { [due(main)]: gauge(["1h", at(-2 * day)]), [ends(main)]: gauge(["1h", at(12 * day)]) },
      fires: {
        "0m": [],
        "1m": [
          {
            labels: warning(told("gitlab-main", "ci")),
            says: {
              summary: "The token gitlab-main should have been rotated 2d 0h 1m 0s ago",
              description:
                "The next token of gitlab-main (ci) has been due for 2d 0h 1m 0s. It is made by an update, and the " +
                "scheduled one has not run, or failed.",
            },
          },
        ],
      },
    },
    {
      when: "it was due yesterday, and a root token long ago",
      start,
      series: {
        [due(main)]: gauge(["1h", at(-day)]),
        [due(token("admin", "root"))]: gauge(["1h", at(-30 * day)]),
      },
      fires: { "59m": [] },
    },
    {
      when: "an update makes the next one, and the series of the old one ends",
      start,
      series: {
        [due(main)]: `${at(-2 * day)}x9 stale`,
        [due(token("gitlab-main", "ci", "4"))]: gauge(["10m", undefined], ["50m", at(76 * day)]),
      },
      fires: { "9m": [{ labels: warning(told("gitlab-main", "ci")) }], "10m": [], "59m": [] },
    },
  ],
  AtticTokenExpiring: [
    {
      when: "it ends within a week, and was due a week ago",
      start,
      series: { [due(main)]: gauge(["1h", at(-7 * day)]), [ends(main)]: gauge(["1h", at(7 * day)]) },
      fires: {
        "0m": [],
        "1m": [
          {
            labels: critical(told("gitlab-main", "ci")),
            says: {
              summary: "The token gitlab-main ends in 6d 23h 59m 0s",
              description:
                "The newest token of gitlab-main (ci) ends in 6d 23h 59m 0s, and more than half of the time for taking " +
                "its place is gone. Then whoever uses it gets 401.",
            },
          },
        ],
      },
    },
    {
      when: "a root token does",
      start,
      series: {
        [due(token("admin", "root"))]: gauge(["1h", at(-23 * day)]),
        [ends(token("admin", "root"))]: gauge(["1h", at(6 * day)]),
      },
      fires: { "1m": [{ labels: critical(told("admin", "root")) }] },
    },
    {
      when: "one with a short lead has most of it left",
      start,
      series: { [due(main)]: gauge(["1h", at(-0.5 * day)]), [ends(main)]: gauge(["1h", at(1.5 * day)]) },
      fires: { "59m": [] },
    },
    {
      when: "the one before it ends, as it is meant to",
      start,
      series: {
        [due(main)]: gauge(["1h", at(-13 * day)]),
        [ends(main)]: gauge(["1h", at(day)]),
        [due(token("gitlab-main", "ci", "4"))]: gauge(["1h", at(63 * day)]),
        [ends(token("gitlab-main", "ci", "4"))]: gauge(["1h", at(77 * day)]),
      },
      fires: { "59m": [] },
    },
    {
      when: "it ends in more than a week",
      start,
      series: { [due(main)]: gauge(["1h", at(-8 * day)]), [ends(main)]: gauge(["1h", at(7.1 * day)]) },
      fires: { "59m": [] },
    },
  ],
  AtticRootTokenDue: [
    {
      when: "one is due",
      start,
      series: { [due(token("admin", "root"))]: gauge(["3h", at(0)]) },
      fires: {
        "60m": [],
        "61m": [
          {
            labels: warning(told("admin", "root")),
            says: {
              summary: "The root token admin has to be rotated by hand",
              description:
                "The root token admin has been due for 1h 1m 0s. Root tokens are made anew only when somebody raises " +
                "their generation.",
            },
          },
        ],
      },
    },
    {
      when: "it is due later, and another kind of token is",
      start,
      series: {
        [due(token("admin", "root"))]: gauge(["3h", at(4)]),
        [due(main)]: gauge(["3h", at(-1)]),
      },
      fires: { "179m": [] },
    },
  ],
};
