// Asks Trivy's own misconfiguration checks about Kubernetes objects: nothing else of Trivy is linked in, so it
// builds in a fraction of the time, and its checks are those inside the binary, never downloaded ones.
//
// Usage: trivy-checks FOLDER. Prints, as JSON, one line for each check and object it was asked about.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/aquasecurity/trivy/pkg/iac/rego"
	"github.com/aquasecurity/trivy/pkg/iac/scan"
	"github.com/aquasecurity/trivy/pkg/iac/scanners/kubernetes"
)

type verdict struct {
	// As in "AVD-KSV-0014".
	Check    string `json:"check"`
	Title    string `json:"title"`
	Severity string `json:"severity"`
	// The file that holds the object, below FOLDER.
	File    string `json:"file"`
	Passed  bool   `json:"passed"`
	Message string `json:"message"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("usage: trivy-checks FOLDER")
	}
	scanner := kubernetes.NewScanner(rego.WithEmbeddedPolicies(true), rego.WithEmbeddedLibraries(true))
	results, err := scanner.ScanFS(context.Background(), os.DirFS(os.Args[1]), ".")
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	for _, result := range results {
		rule := result.Rule()
		passed := result.Status() == scan.StatusPassed
		if err := out.Encode(verdict{
			Check:    rule.AVDID,
			Title:    rule.Summary,
			Severity: string(rule.Severity),
			File:     result.Metadata().Range().GetFilename(),
			Passed:   passed,
			Message:  result.Description(),
		}); err != nil {
			return err
		}
	}
	return nil
}
