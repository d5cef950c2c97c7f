/** A condition, as most kinds have them. */
export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

/** The condition of a type. */
export const condition = (conditions: readonly Condition[] | undefined, type: string) =>
  conditions?.find((each) => each.type === type);

/** What a condition says, in its own words. */
export const said = ({ reason, message }: Condition) => message || reason || "it does not say why";
