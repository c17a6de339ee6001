package main

import (
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kube-aggregator/pkg/apis/apiregistration"
	"k8s.io/kube-aggregator/pkg/registry/apiservice"

	"k8s.io/kubernetes/pkg/apis/admissionregistration"
	"k8s.io/kubernetes/pkg/apis/apiserverinternal"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	"k8s.io/kubernetes/pkg/apis/batch"
	"k8s.io/kubernetes/pkg/apis/certificates"
	"k8s.io/kubernetes/pkg/apis/coordination"
	api "k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/discovery"
	"k8s.io/kubernetes/pkg/apis/flowcontrol"
	"k8s.io/kubernetes/pkg/apis/networking"
	nodeapi "k8s.io/kubernetes/pkg/apis/node"
	"k8s.io/kubernetes/pkg/apis/policy"
	"k8s.io/kubernetes/pkg/apis/rbac"
	"k8s.io/kubernetes/pkg/apis/resource"
	"k8s.io/kubernetes/pkg/apis/scheduling"
	"k8s.io/kubernetes/pkg/apis/storage"
	"k8s.io/kubernetes/pkg/apis/storagemigration"
	map_ "k8s.io/kubernetes/pkg/registry/admissionregistration/mutatingadmissionpolicy"
	mapb "k8s.io/kubernetes/pkg/registry/admissionregistration/mutatingadmissionpolicybinding"
	mwh "k8s.io/kubernetes/pkg/registry/admissionregistration/mutatingwebhookconfiguration"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/resolver"
	vap "k8s.io/kubernetes/pkg/registry/admissionregistration/validatingadmissionpolicy"
	vapb "k8s.io/kubernetes/pkg/registry/admissionregistration/validatingadmissionpolicybinding"
	vwh "k8s.io/kubernetes/pkg/registry/admissionregistration/validatingwebhookconfiguration"
	"k8s.io/kubernetes/pkg/registry/apiserverinternal/storageversion"
	"k8s.io/kubernetes/pkg/registry/apps/controllerrevision"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	csr "k8s.io/kubernetes/pkg/registry/certificates/certificates"
	"k8s.io/kubernetes/pkg/registry/certificates/clustertrustbundle"
	"k8s.io/kubernetes/pkg/registry/coordination/lease"
	"k8s.io/kubernetes/pkg/registry/coordination/leasecandidate"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/endpoint"
	"k8s.io/kubernetes/pkg/registry/core/event"
	"k8s.io/kubernetes/pkg/registry/core/limitrange"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/node"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolume"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/podtemplate"
	"k8s.io/kubernetes/pkg/registry/core/replicationcontroller"
	"k8s.io/kubernetes/pkg/registry/core/resourcequota"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/discovery/endpointslice"
	"k8s.io/kubernetes/pkg/registry/flowcontrol/flowschema"
	"k8s.io/kubernetes/pkg/registry/flowcontrol/prioritylevelconfiguration"
	"k8s.io/kubernetes/pkg/registry/networking/ingress"
	"k8s.io/kubernetes/pkg/registry/networking/ingressclass"
	"k8s.io/kubernetes/pkg/registry/networking/ipaddress"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/networking/servicecidr"
	"k8s.io/kubernetes/pkg/registry/node/runtimeclass"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrole"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrolebinding"
	"k8s.io/kubernetes/pkg/registry/rbac/role"
	"k8s.io/kubernetes/pkg/registry/rbac/rolebinding"
	"k8s.io/kubernetes/pkg/registry/resource/deviceclass"
	"k8s.io/kubernetes/pkg/registry/resource/resourceclaimtemplate"
	"k8s.io/kubernetes/pkg/registry/resource/resourceslice"
	"k8s.io/kubernetes/pkg/registry/scheduling/priorityclass"
	"k8s.io/kubernetes/pkg/registry/storage/csidriver"
	"k8s.io/kubernetes/pkg/registry/storage/csinode"
	"k8s.io/kubernetes/pkg/registry/storage/csistoragecapacity"
	"k8s.io/kubernetes/pkg/registry/storage/storageclass"
	"k8s.io/kubernetes/pkg/registry/storage/volumeattachment"
	"k8s.io/kubernetes/pkg/registry/storage/volumeattributesclass"
	storagemigrationregistry "k8s.io/kubernetes/pkg/registry/storagemigration/storagemigration"
)

// registry has the strategy of a kind: how the API server prepares and validates an object on create.
type registry map[schema.GroupKind]rest.RESTCreateStrategy

func (r registry) add(group, kind string, s rest.RESTCreateStrategy) {
	r[schema.GroupKind{Group: group, Kind: kind}] = s
}

// newer has the strategies of kinds that not every supported version has.
var newer []func(registry)

func strategies() registry {
	r := registry{}
	r.core()
	r.workloads()
	r.cluster()
	r.admission()
	for _, add := range newer {
		add(r)
	}
	return r
}

func (r registry) core() {
	for kind, s := range map[string]rest.RESTCreateStrategy{
		"ConfigMap": configmap.Strategy, "Endpoints": endpoint.Strategy, "Event": event.Strategy,
		"LimitRange": limitrange.Strategy, "Namespace": namespace.Strategy, "Node": node.Strategy,
		"PersistentVolume": persistentvolume.Strategy, "PersistentVolumeClaim": persistentvolumeclaim.Strategy,
		"Pod": pod.Strategy, "PodTemplate": podtemplate.Strategy,
		"ReplicationController": replicationcontroller.Strategy, "ResourceQuota": resourcequota.Strategy,
		"Secret": secret.Strategy, "Service": service.Strategy, "ServiceAccount": serviceaccount.Strategy,
	} {
		r.add(api.GroupName, kind, s)
	}
	r.add("events.k8s.io", "Event", event.Strategy)
}

func (r registry) workloads() {
	r.add(apps.GroupName, "Deployment", deployment.Strategy)
	r.add(apps.GroupName, "DaemonSet", daemonset.Strategy)
	r.add(apps.GroupName, "StatefulSet", statefulset.Strategy)
	r.add(apps.GroupName, "ReplicaSet", replicaset.Strategy)
	r.add(apps.GroupName, "ControllerRevision", controllerrevision.Strategy)
	r.add(autoscaling.GroupName, "HorizontalPodAutoscaler", horizontalpodautoscaler.Strategy)
	r.add(batch.GroupName, "Job", job.Strategy)
	r.add(batch.GroupName, "CronJob", cronjob.Strategy)
	r.add(policy.GroupName, "PodDisruptionBudget", poddisruptionbudget.Strategy)
	r.add(scheduling.GroupName, "PriorityClass", priorityclass.Strategy)
	r.add(resource.GroupName, "DeviceClass", deviceclass.Strategy)
	r.add(resource.GroupName, "ResourceClaim", resourceClaimStrategy())
	r.add(resource.GroupName, "ResourceClaimTemplate", resourceclaimtemplate.NewStrategy(anyNamespace{}))
	r.add(resource.GroupName, "ResourceSlice", resourceslice.Strategy)
}

func (r registry) cluster() {
	r.add(certificates.GroupName, "CertificateSigningRequest", csr.Strategy)
	r.add(certificates.GroupName, "ClusterTrustBundle", clustertrustbundle.Strategy)
	r.add(coordination.GroupName, "Lease", lease.Strategy)
	r.add(coordination.GroupName, "LeaseCandidate", leasecandidate.Strategy)
	r.add(discovery.GroupName, "EndpointSlice", endpointslice.Strategy)
	r.add(flowcontrol.GroupName, "FlowSchema", flowschema.Strategy)
	r.add(flowcontrol.GroupName, "PriorityLevelConfiguration", prioritylevelconfiguration.Strategy)
	r.add(apiserverinternal.GroupName, "StorageVersion", storageversion.Strategy)
	r.add(networking.GroupName, "Ingress", ingress.Strategy)
	r.add(networking.GroupName, "IngressClass", ingressclass.Strategy)
	r.add(networking.GroupName, "IPAddress", ipaddress.Strategy)
	r.add(networking.GroupName, "NetworkPolicy", networkpolicy.Strategy)
	r.add(networking.GroupName, "ServiceCIDR", servicecidr.Strategy)
	r.add(nodeapi.GroupName, "RuntimeClass", runtimeclass.Strategy)
	r.add(rbac.GroupName, "ClusterRole", clusterrole.Strategy)
	r.add(rbac.GroupName, "ClusterRoleBinding", clusterrolebinding.Strategy)
	r.add(rbac.GroupName, "Role", role.Strategy)
	r.add(rbac.GroupName, "RoleBinding", rolebinding.Strategy)
	r.add(storage.GroupName, "CSIDriver", csidriver.Strategy)
	r.add(storage.GroupName, "CSINode", csinode.Strategy)
	r.add(storage.GroupName, "CSIStorageCapacity", csistoragecapacity.Strategy)
	r.add(storage.GroupName, "StorageClass", storageclass.Strategy)
	r.add(storage.GroupName, "VolumeAttachment", volumeattachment.Strategy)
	r.add(storage.GroupName, "VolumeAttributesClass", volumeattributesclass.Strategy)
	r.add(storagemigration.GroupName, "StorageVersionMigration", storagemigrationregistry.Strategy)
	r.add(apiextensions.GroupName, "CustomResourceDefinition", customresourcedefinition.NewStrategy(crdScheme))
	r.add(apiregistration.GroupName, "APIService", apiservice.NewStrategy(apiServiceScheme))
}

// anyResource stands for the resource of any kind: which one it is matters only to an authorizer.
var anyResource = resolver.ResourceResolverFunc(func(schema.GroupVersionKind) (schema.GroupVersionResource, error) {
	return schema.GroupVersionResource{Resource: "any"}, nil
})

// Without an authorizer, nobody is asked whether the user may refer to what a policy names.
func (r registry) admission() {
	r.add(admissionregistration.GroupName, "MutatingWebhookConfiguration", mwh.Strategy)
	r.add(admissionregistration.GroupName, "ValidatingWebhookConfiguration", vwh.Strategy)
	r.add(admissionregistration.GroupName, "ValidatingAdmissionPolicy", vap.NewStrategy(nil, anyResource))
	r.add(admissionregistration.GroupName, "ValidatingAdmissionPolicyBinding", vapb.NewStrategy(nil, nil, anyResource))
	r.add(admissionregistration.GroupName, "MutatingAdmissionPolicy", map_.NewStrategy(nil, anyResource))
	r.add(admissionregistration.GroupName, "MutatingAdmissionPolicyBinding", mapb.NewStrategy(nil, nil, anyResource))
}
