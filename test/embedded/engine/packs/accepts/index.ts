import { PolicyPack } from "@pulumi/policy";

new PolicyPack("accepts", {
  policies: [
    {
      name: "counted",
      description: "Says how many resources there are.",
      enforcementLevel: "advisory",
      validateStack: ({ resources }, report) => report(`${resources.length} resources`),
    },
  ],
});
