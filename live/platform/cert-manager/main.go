// Command controller runs cert-manager's own controllers for certificates that are signed in the cluster itself: by a
// key of their own, or by one that a Secret holds. What asks other authorities (ACME, Vault, Venafi) is left out.
//
// There is never a second one, so no lease is asked for: its Deployment ends the old pod before it starts the new.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cert-manager/cert-manager/pkg/controller"
	"github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	requestsca "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/ca"
	requestsself "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/selfsigned"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	"github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	"github.com/cert-manager/cert-manager/pkg/controller/issuers"
	"github.com/cert-manager/cert-manager/pkg/healthz"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
	"github.com/cert-manager/cert-manager/pkg/logs"
)

// As the released controller has them.
const (
	metricsAddress = ":9402"
	healthAddress  = ":9403"
	workers        = 5
)

var controllers = []string{
	approver.ControllerName,
	requestsca.CRControllerName,
	requestsself.CRControllerName,
	trigger.ControllerName,
	issuing.ControllerName,
	keymanager.ControllerName,
	requestmanager.ControllerName,
	readiness.ControllerName,
	revisionmanager.ControllerName,
	issuers.ControllerName,
	clusterissuers.ControllerName,
}

func main() {
	logs.InitLogs()
	defer logs.FlushLogs()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(logs.NewContext(ctx, logs.Log, "controller")); err != nil {
		logs.Log.Error(err, "ended")
		logs.FlushLogs()
		os.Exit(1)
	}
}

// run is given the namespace of the authorities' keys in POD_NAMESPACE.
func run(ctx context.Context) error {
	namespace := os.Getenv("POD_NAMESPACE")
	if namespace == "" {
		return errors.New("POD_NAMESPACE is not set")
	}
	factory, err := controller.NewContextFactory(ctx, controller.ContextOptions{
		KubernetesAPIQPS:   20,
		KubernetesAPIBurst: 50,
		IssuerOptions:      controller.IssuerOptions{ClusterResourceNamespace: namespace},
		CertificateOptions: controller.CertificateOptions{
			CertificateRequestMinimumBackoffDuration: time.Hour,
			CertificateRequestMaximumBackoffDuration: 32 * time.Hour,
		},
	})
	if err != nil {
		return err
	}
	shared, err := factory.Build()
	if err != nil {
		return err
	}

	group, ctx := errgroup.WithContext(ctx)
	for _, name := range controllers {
		loop, err := controller.Known()[name](factory)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		group.Go(func() error { return loop.Run(workers, ctx) })
	}
	if err := serve(ctx, group, shared); err != nil {
		return err
	}
	// Only now does every controller have its informers in them.
	shared.SharedInformerFactory.Start(ctx.Done())
	shared.KubeSharedInformerFactory.Start(ctx.Done())
	return group.Wait()
}

// serve answers the metrics of certificates and issuers, and the probe.
func serve(ctx context.Context, group *errgroup.Group, shared *controller.Context) error {
	listed := shared.SharedInformerFactory.Certmanager().V1()
	shared.Metrics.SetupCertificateCollector(listed.Certificates().Lister())
	shared.Metrics.SetupIssuerCollector(listed.Issuers().Lister())
	shared.Metrics.SetupClusterIssuerCollector(listed.ClusterIssuers().Lister())
	metricsListener, err := net.Listen("tcp", metricsAddress)
	if err != nil {
		return err
	}
	healthListener, err := net.Listen("tcp", healthAddress)
	if err != nil {
		return err
	}
	server := shared.Metrics.NewServer(metricsListener)
	group.Go(func() error {
		if err := server.Serve(metricsListener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		return server.Close()
	})
	group.Go(func() error { return healthz.NewServer(time.Minute).Start(ctx, healthListener) })
	return nil
}
