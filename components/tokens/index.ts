import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

/** What a SigningKey is made of. */
export interface SigningKeyArgs {
  /** Whether Pulumi refuses to delete or replace the key; without it every token is void. */
  protect: boolean;
}

/**
 * The RSA key that signs Attic's tokens. It stays in Pulumi's encrypted state: the server is given the public
 * half alone, so that no pod can mint a token.
 */
export class SigningKey extends pulumi.ComponentResource {
  /** The private key as PEM (PKCS#1); always a secret. */
  readonly privateKeyPem: pulumi.Output<string>;
  /** The public key as the server takes it: base64 of its PEM, on one line, without a newline at the end. */
  readonly publicKeyBase64: pulumi.Output<string>;

  constructor(name: string, args: SigningKeyArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:tokens:SigningKey", name, {}, options);
    const key = new tls.PrivateKey(
      name,
      { algorithm: "RSA", rsaBits: 4096 },
      { parent: this, protect: args.protect },
    );
    this.privateKeyPem = pulumi.secret(key.privateKeyPem);
    this.publicKeyBase64 = key.publicKeyPem.apply((pem) => Buffer.from(pem).toString("base64"));
    this.registerOutputs({ publicKeyBase64: this.publicKeyBase64 });
  }
}
