// Command attic-double stands in for Attic's atticd in trials: the same arguments, configuration, API and tables.
// It is no Attic, and says so.
package main

import (
	"errors"
	"fmt"
	"os"

	"attic-pulumi/attic-double/internal/config"
	"attic-pulumi/attic-double/internal/flags"
	"attic-pulumi/attic-double/internal/logging"
)

const version = "attic-double 0.1.0, a double that stands in for Attic's atticd and is no Attic"

func main() { os.Exit(run(os.Args[1:])) }

// run returns the program's exit code: 1 for an error, 2 for wrong arguments, 101 where the real server panics.
func run(args []string) (code int) {
	options, err := flags.Parse(args)
	switch {
	case err != nil:
		fmt.Fprintf(os.Stderr, "error: %v\n\n%s", err, flags.Usage)
		return 2
	case options.Help:
		fmt.Printf("%s\n\n%s", version, flags.Usage)
		return 0
	case options.Version:
		fmt.Println(version)
		return 0
	}
	requests := logging.Setup(os.Stdout, os.Getenv("RUST_LOG"))
	fmt.Fprintln(os.Stderr, version)
	defer func() {
		if thrown := recover(); thrown != nil {
			fmt.Fprintf(os.Stderr, "panicked: %v\n", thrown)
			code = 101
		}
	}()
	settings, err := config.Load(options.Config)
	if err == nil {
		err = modes[options.Mode](process{options, settings, requests})
	}
	var panicked config.Panic
	switch {
	case errors.As(err, &panicked):
		fmt.Fprintf(os.Stderr, "panicked: %v\n", err)
		return 101
	case err != nil:
		fmt.Fprintf(os.Stderr, "Error: %v\n", err)
		return 1
	}
	return 0
}
