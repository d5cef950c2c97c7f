import { eachContainer, podKinds } from "../framework/kubernetes.ts";
import { resourcePolicy } from "../framework/policy.ts";

const DIGEST = /@sha256:[0-9a-f]{64}$/;
const COMMIT = /:[0-9a-f]{40}$/;

/** What runs must be what was reviewed: a tag that moves changes it without a change. */
export const imagePinned = resourcePolicy({
  name: "image-pinned",
  description: "Every container's image is pinned by digest or by commit.",
  level: "mandatory",
  kinds: podKinds,
  *check(subject) {
    yield* eachContainer(subject, function* ({ image }, field) {
      if (image !== undefined && (DIGEST.test(image) || COMMIT.test(image))) return;
      yield {
        field: `${field}.image`,
        found: image,
        problem: image === undefined ? "there is no image" : "a tag that can move to another image",
        fix: "Pin it by digest (…@sha256:<64 hex>) or by commit (…:<40 hex>).",
      };
    });
  },
});
