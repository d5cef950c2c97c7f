// Command node is what runs on every real node: the kubelet and kube-proxy, unchanged, in one binary.
package main

import (
	"context"
	"fmt"
	"os"

	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubeproxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

func main() {
	parts := map[string]func() int{
		"kubelet":    func() int { return cli.Run(kubelet.NewKubeletCommand(context.Background())) },
		"kube-proxy": func() int { return cli.Run(kubeproxy.NewProxyCommand()) },
	}
	if len(os.Args) > 1 {
		if run, ok := parts[os.Args[1]]; ok {
			os.Args = os.Args[1:]
			os.Exit(run())
		}
	}
	fmt.Fprintln(os.Stderr, "usage: node kubelet|kube-proxy [flags]")
	os.Exit(2)
}
