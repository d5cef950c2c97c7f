import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../config/index.ts";
import { names, partOf } from "../attic/names.ts";
import { labels } from "../kubernetes/labels.ts";
import { resource } from "../kubernetes/resource.ts";
import { prometheusRule, type RuleGroup } from "../observability/rule.ts";
import { type CalendarEntry, calendar, momentName } from "./calendar.ts";
import { dates } from "./dates.ts";
import { mint } from "./mint.ts";
import { moment } from "./moment.ts";
import { namesInCluster, type PublishedToken, published, rotationAnnotations } from "./published.ts";
import type { SigningKey } from "./signing-key.ts";
import { calendarRules } from "./watch.ts";

export { refusals } from "./revocation.ts";
export { SigningKey } from "./signing-key.ts";

/** What Tokens are made of. */
export interface TokensArgs {
  /** The stack's configuration. */
  config: StackConfig;
  /** The time of this update. */
  now: Date;
  /** The key that signs them. */
  signingKey: SigningKey;
}

/**
 * The tokens that the stack declares: minted, and made anew when their time has come. Those for the cluster stand in
 * the Secret `attic-ci-tokens`; all of them are secret outputs; when they end is told to Prometheus.
 */
export class Tokens extends pulumi.ComponentResource {
  /** Every token by its name, as JSON of the Secret; always a secret. */
  readonly tokens: pulumi.Output<Record<string, PublishedToken>>;
  /** When the first generation of the rotating tokens was issued, ISO 8601. */
  readonly anchor: pulumi.Output<string>;

  constructor(name: string, args: TokensArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:tokens:Tokens", name, {}, options);
    const { config, now, signingKey } = args;

    const roots = Object.entries(config.tokens.root).map(([token, { generation }]) => [
      token,
      moment(momentName(token, generation), now, { parent: this }),
    ]);
    const entries = pulumi
      .all([signingKey.made, pulumi.all(Object.fromEntries(roots) as Record<string, pulumi.Output<string>>)])
      .apply(([key, roots]) => calendar(config, now, { key, roots }));
    this.tokens = pulumi.secret(
      pulumi.all([entries, signingKey.privateKeyPem]).apply(async ([entries, pem]) => {
        const minted = await mint(config, entries, pem);
        return Object.fromEntries(minted.map((token) => [token.name, published(token)]));
      }),
    );
    this.anchor = signingKey.made;

    this.publish(config, entries);
    if (config.observability.rules.enabled && hasTokens(config)) this.watch(config, entries);
    // No secret, and there whether Prometheus is told or not: a review shows by it which tokens an update makes anew.
    this.registerOutputs({ calendar: entries.apply(dates) });
  }

  private publish(config: StackConfig, entries: pulumi.Output<CalendarEntry[]>): void {
    const tokens = namesInCluster(config);
    if (tokens.length === 0) return;
    const json = (token: string) => this.tokens.apply((all) => `${JSON.stringify(all[token])}\n`);
    const manifest = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: names.tokens, namespace: config.namespace, labels: tokenLabels },
      stringData: Object.fromEntries(tokens.map((token) => [token, json(token)])),
    };
    const annotations = entries.apply(rotationAnnotations) as unknown as Record<string, string>;
    resource({ ...manifest, metadata: { ...manifest.metadata, annotations } }, { parent: this });
  }

  private watch(config: StackConfig, entries: pulumi.Output<CalendarEntry[]>): void {
    const rule = (groups: RuleGroup[]) => prometheusRule(config, `${names.api}-tokens`, groups);
    const spec = entries.apply((all) => rule([calendarRules(config, all)]).spec);
    resource({ ...rule([]), spec }, { parent: this });
  }
}

const tokenLabels = labels({ name: names.api, component: "tokens", partOf });

const hasTokens = ({ tokens: { ci, readOnly, service, root } }: StackConfig) =>
  [ci, readOnly, service, root].some((kind) => Object.keys(kind).length > 0);
