import { PolicyPack } from "@pulumi/policy";
import { FORBIDDEN } from "../words.ts";

new PolicyPack("refuses", {
  policies: [
    {
      name: "polite",
      description: "A stash holds polite words.",
      enforcementLevel: "mandatory",
      validateResource: ({ type, props }, report) => {
        if (type === "pulumi:index:Stash" && props.input === FORBIDDEN) {
          report(`"${FORBIDDEN}" is not polite`);
        }
      },
    },
  ],
});
