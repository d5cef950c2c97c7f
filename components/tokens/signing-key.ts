import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { moment } from "./moment.ts";

/** What a SigningKey is made of. */
export interface SigningKeyArgs {
  /** Which key it is, counted from 1. A higher one is a new key, and every token of the old one is void. */
  generation: number;
  /** The time of this update. */
  now: Date;
  /** Whether Pulumi refuses to delete or replace the key; without it every token is void. */
  protect: boolean;
}

/**
 * The RSA key that signs Attic's tokens. It stays in Pulumi's encrypted state: the server is given the public
 * half alone, so that no pod can mint a token.
 */
export class SigningKey extends pulumi.ComponentResource {
  /** Which key it is. */
  readonly generation: number;
  /** The private key as PEM (PKCS#1); always a secret. */
  readonly privateKeyPem: pulumi.Output<string>;
  /** The public key as the server takes it: base64 of its PEM, on one line, without a newline at the end. */
  readonly publicKeyBase64: pulumi.Output<string>;
  /** When the key was made, ISO 8601; the tokens' generations are counted from it. */
  readonly made: pulumi.Output<string>;

  constructor(name: string, args: SigningKeyArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:tokens:SigningKey", name, {}, options);
    const { generation, now, protect } = args;
    this.generation = generation;
    // A replacement, and not a key of another name: the engine refuses to replace what is protected before it does
    // anything else. A new key beside the old one would be in use when the old one's deletion is refused.
    const again = { parent: this, replacementTrigger: generation };
    const key = new tls.PrivateKey(name, { algorithm: "RSA", rsaBits: 4096 }, { ...again, protect });
    this.privateKeyPem = pulumi.secret(key.privateKeyPem);
    this.publicKeyBase64 = key.publicKeyPem.apply((pem) => Buffer.from(pem).toString("base64"));
    // After the key: a replacement that the engine refuses must not have set the calendar of the old one back.
    this.made = moment(`${name}-made`, now, { ...again, dependsOn: key });
    if (generation > 1) this.made.apply((made) => this.warn(made, now));
    this.registerOutputs({ publicKeyBase64: this.publicKeyBase64 });
  }

  /** Says so in the plan, too: a moment that is not remembered yet is this update's. */
  private warn(made: string, now: Date): void {
    if (made !== now.toISOString()) return;
    pulumi.log.warn(
      `attic:tokens.signingKey.generation is ${this.generation} and its key is new: with this update every token ` +
        "that was minted before is void, and every client needs its new one",
      this,
    );
  }
}
