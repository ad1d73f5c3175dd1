// Renders a chart folder the way Helm does: text/template with sprig, the built-in objects and Helm's own functions.
//
//	render CHART VALUES.yaml... [-release NAME] [-namespace NAME]
//
// Every values file is merged over the chart's own; null removes a key. The output is one JSON object: template path to text.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

type object = map[string]interface{}

func main() {
	release, namespace := "test", "default"
	var paths []string
	for i := 1; i < len(os.Args); i++ {
		switch os.Args[i] {
		case "-release":
			i++
			release = os.Args[i]
		case "-namespace":
			i++
			namespace = os.Args[i]
		default:
			paths = append(paths, os.Args[i])
		}
	}
	if len(paths) == 0 {
		stop(fmt.Errorf("usage: render CHART VALUES.yaml... [-release NAME] [-namespace NAME]"))
	}
	rendered, err := render(paths[0], paths[1:], release, namespace)
	stop(err)
	stop(json.NewEncoder(os.Stdout).Encode(rendered))
}

func stop(err error) {
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func render(chart string, valuesFiles []string, release, namespace string) (map[string]string, error) {
	meta, err := readYaml(filepath.Join(chart, "Chart.yaml"))
	if err != nil {
		return nil, err
	}
	values := object{}
	for _, path := range append([]string{filepath.Join(chart, "values.yaml")}, valuesFiles...) {
		more, err := readYaml(path)
		if err != nil {
			return nil, err
		}
		merge(values, more)
	}
	files, templates, err := readFolder(chart)
	if err != nil {
		return nil, err
	}
	top := object{
		"Values":  values,
		"Chart":   capitalise(meta),
		"Release": object{"Name": release, "Namespace": namespace, "Service": "Helm", "IsInstall": true, "IsUpgrade": false, "Revision": 1},
		"Files":   files,
		"Capabilities": object{
			"KubeVersion": kubeVersion{"v1.31.0", "1", "31"},
			"APIVersions": apiVersions{},
			"HelmVersion": object{"Version": "v3.16.0"},
		},
	}
	return execute(meta["name"].(string), templates, top)
}

func readYaml(path string) (object, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	result := object{}
	if err := yaml.Unmarshal(text, &result); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return result, nil
}

func merge(into, from object) {
	for key, value := range from {
		inner, isObject := value.(object)
		existing, wasObject := into[key].(object)
		switch {
		case value == nil:
			delete(into, key)
		case isObject && wasObject:
			merge(existing, inner)
		default:
			into[key] = value
		}
	}
}

// Chart.yaml's keys begin with a capital letter in templates.
func capitalise(meta object) object {
	result := object{}
	for key, value := range meta {
		result[strings.ToUpper(key[:1])+key[1:]] = value
	}
	return result
}

func readFolder(chart string) (chartFiles, map[string]string, error) {
	files, templates := chartFiles{}, map[string]string{}
	err := filepath.Walk(chart, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(chart, path)
		if strings.HasPrefix(name, "templates/") {
			templates[name] = string(text)
		} else {
			files[name] = text
		}
		return err
	})
	return files, templates, err
}

type kubeVersion struct{ Version, Major, Minor string }

func (version kubeVersion) String() string { return version.Version }

type apiVersions struct{}

// Every API is there: what needs one is switched on by values, not by discovery.
func (apiVersions) Has(string) bool { return true }
