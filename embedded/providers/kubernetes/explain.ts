/** The API server's refusals, in words that say what to do. */
import { ProviderError } from "../errors.ts";
import type { Props } from "../provider.ts";
import { ApiError } from "./api.ts";
import { NoSuchKindError } from "./discovery.ts";
import { idOf, label } from "./object.ts";

/** What to make of an error from applying `object`; errors that are no refusal are handed back unchanged. */
export function explain(error: unknown, object: Props): unknown {
  if (error instanceof NoSuchKindError) return new ProviderError(`${label(object)}: ${error.message}`);
  if (!(error instanceof ApiError)) return error;
  if (error.code === 409) return new ProviderError(conflict(error, object));
  return new ProviderError(`${label(object)}: ${error.message}`);
}

function conflict(error: ApiError, object: Props): string {
  const causes = (error.status.details?.causes ?? []).filter(
    ({ reason }) => reason === "FieldManagerConflict",
  );
  if (causes.length === 0) return `${label(object)}: ${error.message}`;
  const fields = causes.map(({ field = "?", message = "" }) => {
    const manager = /conflict with "([^"]*)"/.exec(message)?.[1] ?? message;
    return `  ${field} is set by "${manager}"`;
  });
  return [
    `${label(object)}: another field manager has set values that this program sets differently:`,
    ...fields,
    "Either leave these fields to it (take them out of the program), or take them over once with the annotation " +
      'pulumi.com/patchForce: "true" on the object.',
  ].join("\n");
}

/** For a create that finds the object already there. */
export function alreadyExists(object: Props, token: string, name: string): ProviderError {
  return new ProviderError(
    [
      `${label(object)} already exists in the cluster, outside this stack. One of these helps:`,
      `  - bring it under this stack:  pulumi import ${token} ${name} ${idOf(object)}`,
      '  - take it over as it is: annotate the object with pulumi.com/patchForce: "true", or set upsertExistingObjects ' +
        "on the provider",
      "  - if the resource was only renamed in the program: give it an alias with its old name",
    ].join("\n"),
  );
}

/** Whether a create was refused because the namespace is not there yet. */
export function isNamespaceMissing(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    error.code === 404 &&
    (error.status.details?.kind === "namespaces" || /^namespaces? .*not found/.test(error.message))
  );
}
