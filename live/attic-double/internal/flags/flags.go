// Package flags reads the program's arguments as the real server does.
package flags

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Modes are what the program can do.
var Modes = []string{
	"monolithic", "api-server", "garbage-collector", "db-migrations", "garbage-collector-once", "check-config",
}

// Options are the arguments.
type Options struct {
	// Config is empty when none was given.
	Config string
	// Listen is nil for the address of the configuration.
	Listen        *netip.AddrPort
	Mode          string
	Help, Version bool
}

// Usage is what --help prints.
const Usage = `Usage: atticd [OPTIONS]

  -f, --config <CONFIG>  Path of the configuration
  -l, --listen <LISTEN>  IP:port to listen on, in place of the configuration's
      --mode <MODE>      monolithic (default), api-server, garbage-collector, db-migrations,
                         garbage-collector-once, check-config
      --tokio-console    Taken, and does nothing
  -h, --help
  -V, --version
`

var names = map[string]string{"f": "config", "l": "listen", "h": "help", "V": "version"}

// Parse reads the arguments after the program's name.
func Parse(args []string) (Options, error) {
	given := map[string]string{}
	for len(args) > 0 {
		name, value, attached, err := split(args[0])
		args = args[1:]
		if err != nil {
			return Options{}, err
		}
		if _, twice := given[name]; twice {
			return Options{}, fmt.Errorf("the argument '--%s' cannot be used multiple times", name)
		}
		takes := name == "config" || name == "listen" || name == "mode"
		switch {
		case takes && !attached:
			if len(args) == 0 {
				return Options{}, fmt.Errorf("a value is required for '--%s' but none was supplied", name)
			}
			value, args = args[0], args[1:]
		case !takes && attached:
			return Options{}, fmt.Errorf("unexpected value '%s' for '--%s'", value, name)
		}
		given[name] = value
	}
	return checked(given)
}

// split takes "-f", "-fVALUE", "-f=VALUE", "--config" and "--config=VALUE" apart.
func split(arg string) (name, value string, attached bool, err error) {
	if long, is := strings.CutPrefix(arg, "--"); is {
		name, value, attached = strings.Cut(long, "=")
	} else if short, is := strings.CutPrefix(arg, "-"); is && short != "" {
		name = names[short[:1]]
		attached = len(short) > 1
		value = strings.TrimPrefix(short[1:], "=")
	}
	if !slices.Contains([]string{"config", "listen", "mode", "tokio-console", "help", "version"}, name) {
		return "", "", false, fmt.Errorf("unexpected argument '%s' found", arg)
	}
	return name, value, attached, nil
}

func checked(given map[string]string) (Options, error) {
	options := Options{Config: given["config"], Mode: "monolithic"}
	_, options.Help = given["help"]
	_, options.Version = given["version"]
	if mode, is := given["mode"]; is {
		if !slices.Contains(Modes, mode) {
			return options, fmt.Errorf("invalid value '%s' for '--mode <MODE>' [possible values: %s]", mode, strings.Join(Modes, ", "))
		}
		options.Mode = mode
	}
	if listen, is := given["listen"]; is {
		address, err := netip.ParseAddrPort(listen)
		if err != nil {
			return options, fmt.Errorf("invalid value '%s' for '--listen <LISTEN>': %w", listen, err)
		}
		options.Listen = &address
	}
	return options, nil
}
