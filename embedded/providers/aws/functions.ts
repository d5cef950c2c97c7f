/** The AWS functions a program can call without a cloud. */
import { ProviderError } from "../errors.ts";
import type { Props } from "../provider.ts";
import { policyDocument } from "./policy-document.ts";
import type { Place } from "./resources.ts";

const SUFFIXES: Record<string, string> = { aws: "amazonaws.com", "aws-cn": "amazonaws.com.cn" };

const FUNCTIONS: Record<string, (args: Props, place: Place) => Props> = {
  "aws:index/getCallerIdentity:getCallerIdentity": (_, { account, partition }) => ({
    id: account,
    accountId: account,
    arn: `arn:${partition}:iam::${account}:user/stand-in`,
    userId: "AIDASTANDIN",
  }),
  "aws:index/getRegion:getRegion": ({ region: wanted, name = wanted }, { region }) => {
    const found = String(name ?? region);
    return {
      id: found,
      name: found,
      region: found,
      endpoint: `ec2.${found}.amazonaws.com`,
      description: found,
    };
  },
  "aws:index/getPartition:getPartition": (_, { partition }) => ({
    id: partition,
    partition,
    dnsSuffix: SUFFIXES[partition] ?? "amazonaws.com",
    reverseDnsPrefix: (SUFFIXES[partition] ?? "amazonaws.com").split(".").reverse().join("."),
  }),
  "aws:iam/getPolicyDocument:getPolicyDocument": policyDocument,
};

/** Calls an AWS function. */
export function call(token: string, args: Props, place: Place): Props {
  const run = FUNCTIONS[token];
  if (run === undefined) {
    const names = Object.keys(FUNCTIONS).map((name) => name.split(":").at(-1));
    throw new ProviderError(
      `${token}: the stand-in for aws has no cloud to ask; it knows ${names.join(", ")}`,
    );
  }
  return run(args, place);
}
