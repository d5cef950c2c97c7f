import type { Labels } from "./objects.ts";

/** Something in a policy that is not understood. Whoever catches it denies what it would have allowed. */
export class Refused extends Error {}

/** Whether labels are the ones that are meant. */
export type Selects = (labels: Labels) => boolean;

/**
 * The fields of an object, if it has no others.
 * @throws Refused when it has
 */
export function fields<Known extends object>(value: object, known: readonly (keyof Known & string)[]): Known {
  const others = Object.keys(value).filter((key) => !(known as readonly string[]).includes(key));
  if (others.length > 0) throw new Refused(`unknown field ${others.join(", ")}`);
  return value as Known;
}

interface Selector {
  matchLabels?: Labels;
  matchExpressions?: object[];
}

interface Expression {
  key: string;
  operator: string;
  values?: string[];
}

/**
 * The meaning of a label selector; an empty one means everything.
 * @throws Refused when it has a field or an operator that is not known
 */
export function selector(value: object): Selects {
  const { matchLabels = {}, matchExpressions = [] } = fields<Selector>(value, [
    "matchLabels",
    "matchExpressions",
  ]);
  const all: Selects[] = [
    ...Object.entries(matchLabels).map(
      ([key, wanted]): Selects =>
        (labels) =>
          labels[key] === wanted,
    ),
    ...matchExpressions.map((each) => expression(fields<Expression>(each, ["key", "operator", "values"]))),
  ];
  return (labels) => all.every((selects) => selects(labels));
}

function expression({ key, operator, values }: Expression): Selects {
  const among = new Set(values);
  switch (operator) {
    case "Exists":
      return (labels) => labels[key] !== undefined;
    case "DoesNotExist":
      return (labels) => labels[key] === undefined;
    case "In":
      return (labels) => labels[key] !== undefined && among.has(labels[key]);
    case "NotIn":
      return (labels) => labels[key] === undefined || !among.has(labels[key]);
    default:
      throw new Refused(`unknown operator ${operator}`);
  }
}
