import { text } from "node:stream/consumers";
import { AwsClient } from "aws4fetch";
import type { S3Answer, S3Request } from "./requests.ts";

/** How long one answer may take, in milliseconds. */
const patience = 10_000;

const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL } = process.env;
if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY || !AWS_REGION || !AWS_ENDPOINT_URL) {
  throw new Error("keys, region and endpoint have to be in the environment");
}
const client = new AwsClient({
  accessKeyId: AWS_ACCESS_KEY_ID,
  secretAccessKey: AWS_SECRET_ACCESS_KEY,
  region: AWS_REGION,
  service: "s3",
  retries: 0,
});

async function send({ method, path, body }: S3Request): Promise<S3Answer> {
  try {
    const signal = AbortSignal.timeout(patience);
    const answer = await client.fetch(`${AWS_ENDPOINT_URL}${path}`, {
      method,
      signal,
      ...(body && { body }),
    });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    return { status: 0, text: `${(error as Error).message}: ${String((error as Error).cause ?? "")}` };
  }
}

const answers: S3Answer[] = [];
for (const request of JSON.parse(await text(process.stdin)) as S3Request[]) answers.push(await send(request));
process.stdout.write(JSON.stringify(answers));
