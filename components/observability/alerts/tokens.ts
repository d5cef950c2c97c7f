import type { StackConfig } from "../../../config/index.ts";
import { series } from "../metrics/index.ts";
import type { Alert, RuleGroup } from "../rule.ts";
import { lines, seconds } from "./scope.ts";

/** Whether tokens take each other's place in time. Their times are constants that each update writes anew. */
export function tokens(config: StackConfig): RuleGroup[] {
  const { ci, readOnly, service, root } = config.tokens;
  const rotated = [ci, readOnly, service].some((of) => Object.keys(of).length > 0);
  const manual = Object.keys(root).length > 0;
  if (!rotated && !manual) return [];
  return [
    {
      name: "attic-token-alerts",
      rules: [
        ...(rotated ? [rotationOverdue(config)] : []),
        expiring(config),
        ...(manual ? [rootDue(config)] : []),
      ],
    },
  ];
}

// While two generations overlap, the older one is meant to end.
const newest = (selector: string) => `max by (namespace, token, kind) (${selector})`;

function rotationOverdue({ namespace }: StackConfig): Alert {
  const due = series("attic_token_rotation_due_timestamp_seconds", {
    namespace,
    kind: /ci|readOnly|service/,
  });
  return {
    alert: "AtticTokenRotationOverdue",
    expr: `time() - ${newest(due)} > ${2 * seconds.day}`,
    severity: "warning",
    summary: "The token {{ $labels.token }} should have been rotated {{ $value | humanizeDuration }} ago",
    description:
      "The next token of {{ $labels.token }} ({{ $labels.kind }}) has been due for {{ $value | humanizeDuration }}. It is " +
      "made by an update, and the scheduled one has not run, or failed.",
  };
}

function expiring({ namespace }: StackConfig): Alert {
  const end = newest(series("attic_token_expiry_timestamp_seconds", { namespace }));
  const due = newest(series("attic_token_rotation_due_timestamp_seconds", { namespace }));
  return {
    alert: "AtticTokenExpiring",
    // A token with a short lead is due less than a week before its end; then half of its lead counts.
    expr: lines(
      `${end} - time() < ${7 * seconds.day}`,
      `and on (namespace, token, kind) ${end} - time() < (${end} - ${due}) / 2`,
    ),
    severity: "critical",
    summary: "The token {{ $labels.token }} ends in {{ $value | humanizeDuration }}",
    description:
      "The newest token of {{ $labels.token }} ({{ $labels.kind }}) ends in {{ $value | humanizeDuration }}, and more than " +
      "half of the time for taking its place is gone. Then whoever uses it gets 401.",
  };
}

function rootDue({ namespace }: StackConfig): Alert {
  const due = series("attic_token_rotation_due_timestamp_seconds", { namespace, kind: "root" });
  return {
    alert: "AtticRootTokenDue",
    expr: `time() - ${newest(due)} > 0`,
    for: "1h",
    severity: "warning",
    summary: "The root token {{ $labels.token }} has to be rotated by hand",
    description:
      "The root token {{ $labels.token }} has been due for {{ $value | humanizeDuration }}. Root tokens are made anew only " +
      "when somebody raises their generation.",
  };
}
