// Command control-plane is one binary holding a whole Kubernetes control plane for one machine:
// etcd, kube-apiserver, kube-controller-manager, kube-scheduler, KWOK (simulated kubelets),
// metrics-server and kubectl, and `up`, which runs them. One binary because they share most of their
// code: apart they would take seven times the disk and several times the build.
//
// Which part runs is taken from the name the binary is called by (a symbolic link), or else from the
// first argument.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	_ "time/tzdata" // CronJobs with a time zone work where the machine has no zone files.
)

func main() {
	if run, ok := applets[filepath.Base(os.Args[0])]; ok {
		os.Exit(run(os.Args))
	}
	if len(os.Args) > 1 {
		if run, ok := applets[os.Args[1]]; ok {
			os.Args = os.Args[1:]
			os.Exit(run(os.Args))
		}
	}
	names := make([]string, 0, len(applets))
	for name := range applets {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Fprintf(os.Stderr, "usage: control-plane PART [flags]\nparts: %s\n", strings.Join(names, " "))
	os.Exit(2)
}
