import { resolve } from "node:path";
import { Command } from "commander";
import { loadStackConfig } from "../config/load.ts";
import { readStackFile, stackNames } from "../config/stack-file.ts";
import { table } from "../embedded/local/terminal/table.ts";
import { type CostRow, type Estimate, estimate } from "./estimate.ts";
import { type Prices, readPrices } from "./prices.ts";

const project = resolve(import.meta.dirname, "..");

/** `npm run cost`: sets the process's exit code. */
export const run = (argv: string[]) =>
  new Command("npm run cost --")
    .description("Estimates what a stack costs in a month, from its configuration and cost/prices.yaml.")
    .argument("<stack>", `one of: ${stackNames(project).sort().join(", ")}`)
    .option("--prices <file>", "prices and assumptions over those of cost/prices.yaml")
    .option("--json", "one JSON object on standard output")
    .addHelpText("after", "\nExit codes: 0 estimated, 2 a mistake in the configuration or the prices.")
    .action((stack: string, { prices: file, json }: { prices?: string; json?: boolean }) => {
      const prices = readPrices(file);
      const config = loadStackConfig(readStackFile(project, stack), `Pulumi.${stack}.yaml`);
      const result = estimate(config, prices);
      const { asOf, currency } = prices;
      const text = json
        ? JSON.stringify({ stack, asOf, currency, ...result }, null, 2)
        : estimateText(stack, result, prices).join("\n");
      process.stdout.write(`${text}\n`);
    })
    .parseAsync(argv)
    .catch((error: Error) => {
      console.error(error.message);
      process.exitCode = 2;
    });

/** The estimate for a terminal. */
export function estimateText(stack: string, { rows, total, notPriced }: Estimate, prices: Prices): string[] {
  const { asOf, currency } = prices;
  const cells = ({ component, specification, low, high }: CostRow) => [
    component,
    specification,
    range(low, high).padStart(15),
  ];
  return [
    `stack ${stack}: ${range(total.low, total.high)} ${currency} a month, at list prices of ${asOf}`,
    "",
    ...table([...rows.map(cells), ["Total", "", range(total.low, total.high).padStart(15)]]),
    "",
    `Not in it: ${notPriced.join("; ")}.`,
    "Assumptions and prices: cost/prices.yaml",
  ];
}

/** `12.30` or `12.30–45.60`. */
export function range(low: number, high: number): string {
  const [from, to] = [low.toFixed(2), high.toFixed(2)];
  return from === to ? from : `${from}–${to}`;
}
