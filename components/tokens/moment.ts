import * as pulumi from "@pulumi/pulumi";

/**
 * A point in time that is remembered in the state: the time of the update that made it, in every update after it,
 * too. As ISO 8601, since Pulumi's outputs hold no dates.
 */
export function moment(
  name: string,
  now: Date,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  // The input is a new one each time, and changes nothing.
  const stash = new pulumi.Stash(
    name,
    { input: now.toISOString() },
    { ...options, ignoreChanges: ["input"] },
  );
  return stash.output as pulumi.Output<string>;
}
