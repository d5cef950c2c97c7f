import { z } from "zod";
import { cachePattern } from "../cache-names.ts";
import { utcTime } from "./primitives.ts";

/** What a token may allow, in the words of `atticadm make-token`. */
export const permissions = [
  "pull",
  "push",
  "delete",
  "createCache",
  "configureCache",
  "configureCacheRetention",
  "destroyCache",
] as const;

export type Permission = (typeof permissions)[number];

/** The kinds of tokens, each with the longest validity and the lead in days; as in the system's rotation plan. */
export const kinds = {
  ci: { validityDays: 90, rotateBeforeDays: 14 },
  readOnly: { validityDays: 90, rotateBeforeDays: 14 },
  service: { validityDays: 365, rotateBeforeDays: 30 },
  root: { validityDays: 180, rotateBeforeDays: 30 },
} as const;

export type Kind = keyof typeof kinds;

/** A token's name, which is its key in the Secret `attic-ci-tokens`, too. */
const tokenName = () =>
  z
    .string()
    .regex(
      /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
      "a token's name: lower-case letters, digits and dashes, 63 characters at most",
    );

/** By exact name or pattern; the server voids the whole token for one that it cannot read. */
const caches = () =>
  z
    .record(
      z
        .string()
        .regex(
          cachePattern,
          "a cache's name or a pattern with *: letters, digits, - _ + and *, not beginning with - _ +, 50 characters at most",
        ),
      z.array(z.enum(permissions)).min(1),
    )
    .refine((all) => Object.keys(all).length > 0, "at least one cache");

const gitlab = z.strictObject({
  /**
   * The project whose variable is set, by path or number; either this or `group`.
   * @example "platform/images"
   */
  project: z.string().min(1).optional(),
  /**
   * The group whose variable is set, by path or number; all its projects see it.
   * @example "platform"
   */
  group: z.string().min(1).optional(),
  /**
   * The variable's name. Stacks that set variables of the same project or group need one each.
   * @default "ATTIC_TOKEN"
   */
  variable: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/, "a name of letters, digits and _, not beginning with a digit")
    .default("ATTIC_TOKEN"),
  /**
   * The environments that see it.
   * @default "*"
   */
  environmentScope: z.string().min(1).default("*"),
  /**
   * Whether pipelines of protected branches and tags alone see it.
   * @default true
   */
  protected: z.boolean().default(true),
});

const timed = ({ validityDays, rotateBeforeDays }: (typeof kinds)[Kind]) =>
  z.strictObject({
    /**
     * What the token allows, by a cache's name or a pattern in which `*` stands for any characters. The server
     * takes an exact name first, else the narrowest pattern, and adds nothing up.
     * @example { main: [pull, push], "dev-*": [pull, push] }
     */
    caches: caches(),
    /**
     * How long the token is valid, in days; never longer than its kind is.
     * @default 90 for ci and readOnly, 365 for service, 180 for root
     */
    validityDays: z.int().min(1).max(validityDays).default(validityDays),
    /**
     * How many days before its end the next one takes its place. Both are valid until then; an update must run
     * within that time.
     * @default 14 for ci and readOnly, 30 for service and root
     */
    rotateBeforeDays: z.int().min(1).default(rotateBeforeDays),
    /**
     * Whether the token stands in the Secret `attic-ci-tokens`, for workloads of the cluster.
     * @default true
     */
    inCluster: z.boolean().default(true),
    /** The GitLab variable that `atticctl tokens publish` sets to the token. Leave it out to set none. */
    gitlab: gitlab.optional(),
  });

const root = timed(kinds.root).extend(
  z.strictObject({
    /**
     * Raised by one to have the token made anew: it never is by itself, and an alert fires until then.
     * @default 1
     */
    generation: z.int().min(1).default(1),
    /**
     * Whether the token stands in the Secret `attic-ci-tokens`. Whoever may read the Secret is root then.
     * @default false
     */
    inCluster: z.boolean().default(false),
  }).shape,
);

const revoked = z.strictObject({
  /**
   * The token by its name; every permission that it ever had is meant. Either this or `fragment`.
   * @example "gitlab-images"
   */
  token: tokenName().optional(),
  /**
   * Which of the token's generations, as `atticctl tokens list` numbers them.
   * @example 3
   */
  generation: z.int().min(1).optional(),
  /**
   * Which issue of the generation: 0 is the first, 1 took its place when that was revoked, and so on.
   * @default 0
   */
  issue: z.int().min(0).default(0),
  /**
   * The first 64 characters of the token's payload, as `atticctl tokens revoke` writes them: they name the token and
   * are of no use to anybody. Needed for tokens that this stack did not mint.
   */
  fragment: z
    .string()
    .regex(/^[A-Za-z0-9_-]{64}$/, "the first 64 characters of the token's payload")
    .optional(),
  /**
   * When the token ends by itself: nothing is refused for it from then on. Needed with `fragment`.
   * @example "2027-02-19T08:00:00Z"
   */
  expires: utcTime().optional(),
  /**
   * Why, for whoever reads it next year.
   * @example "printed by a job of platform/images"
   */
  reason: z.string().min(1),
});

const signingKey = z.strictObject({
  /**
   * Raised by one to make the signing key anew: every token that there is is void from then on, whoever minted it.
   * @default 1
   */
  generation: z.int().min(1).default(1),
  /**
   * Whether the key is protected where the stack is (`attic:deletionProtection`): a higher generation is refused then.
   * Set to false together with a raised generation, and back to true after it.
   * @default true
   */
  protected: z.boolean().default(true),
});

/** The tokens that the stack mints. */
export const tokens = z.strictObject({
  /** The key that all tokens are signed with. */
  signingKey: signingKey.prefault({}),
  /**
   * Tokens of pipelines that push, by name.
   * @default {}
   */
  ci: z.record(tokenName(), timed(kinds.ci)).default({}),
  /**
   * Tokens that pull and nothing else, by name.
   * @default {}
   */
  readOnly: z.record(tokenName(), timed(kinds.readOnly)).default({}),
  /**
   * Tokens of long-lived services, by name.
   * @default {}
   */
  service: z.record(tokenName(), timed(kinds.service)).default({}),
  /**
   * Tokens of people who administer the cache, by name. They rotate when their `generation` is raised.
   * @default {}
   */
  root: z.record(tokenName(), root).default({}),
  /**
   * Tokens that the ingress refuses with 401 although the server would take them: the server itself can revoke
   * nothing but the key.
   * @default []
   */
  revoked: z.array(revoked).default([]),
});
