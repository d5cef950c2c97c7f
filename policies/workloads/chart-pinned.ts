import { resourcePolicy } from "../framework/policy.ts";

const EXACT = /^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/** A chart without a version is whatever is newest on the day of the update. */
export const chartPinned = resourcePolicy({
  name: "chart-pinned",
  description: "Every Helm release names the exact version of its chart.",
  level: "mandatory",
  kinds: ["kubernetes:helm.sh/v3:Release", "kubernetes:helm.sh/v3:Chart", "kubernetes:helm.sh/v4:Chart"],
  *check({ kind, properties }) {
    // Its provider registers this one without anything that the program asked for; the objects are judged themselves.
    if (kind === "kubernetes:helm.sh/v4:Chart" && Object.keys(properties).length === 0) return;
    const { version } = properties;
    if (typeof version === "string" && EXACT.test(version)) return;
    yield {
      field: "version",
      found: version,
      problem: "another version may be installed tomorrow",
      fix: "Name it in full, for instance 1.20.2.",
    };
  },
});
