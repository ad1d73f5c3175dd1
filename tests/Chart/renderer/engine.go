package main

import (
	"encoding/json"
	"fmt"
	"path"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

// A template that includes itself deeper than this is taken for endless.
const includesMax = 1000

type chartFiles map[string][]byte

func (files chartFiles) Get(name string) string { return string(files[name]) }

func (files chartFiles) GetBytes(name string) []byte { return files[name] }

func (files chartFiles) Lines(name string) []string {
	return strings.Split(strings.TrimSuffix(files.Get(name), "\n"), "\n")
}

func (files chartFiles) Glob(pattern string) chartFiles {
	result := chartFiles{}
	for name, text := range files {
		if matches, err := path.Match(pattern, name); err == nil && matches {
			result[name] = text
		}
	}
	return result
}

func (files chartFiles) AsConfig() string {
	result := map[string]string{}
	for name, text := range files {
		result[path.Base(name)] = string(text)
	}
	return toYaml(result)
}

func execute(chart string, sources map[string]string, top object) (map[string]string, error) {
	root := template.New("chart")
	depth := map[string]int{}
	functions := sprig.TxtFuncMap()
	delete(functions, "env")
	delete(functions, "expandenv")
	functions["toYaml"] = toYaml
	functions["toJson"] = func(value interface{}) string {
		text, err := json.Marshal(value)
		if err != nil {
			return ""
		}
		return string(text)
	}
	functions["fromYaml"] = func(text string) object { return parse(text, object{}) }
	functions["fromJson"] = functions["fromYaml"]
	functions["fromYamlArray"] = func(text string) []interface{} {
		result := []interface{}{}
		if err := yaml.Unmarshal([]byte(text), &result); err != nil {
			return []interface{}{err.Error()}
		}
		return result
	}
	functions["fromJsonArray"] = functions["fromYamlArray"]
	functions["lookup"] = func(string, string, string, string) object { return object{} }
	functions["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return value, fmt.Errorf("%s", message)
		}
		return value, nil
	}
	functions["fail"] = func(message string) (string, error) { return "", fmt.Errorf("%s", message) }
	functions["include"] = func(name string, data interface{}) (string, error) {
		if depth[name]++; depth[name] > includesMax {
			return "", fmt.Errorf("the template %q includes itself without end", name)
		}
		defer func() { depth[name]-- }()
		var out strings.Builder
		err := root.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	functions["tpl"] = func(text string, data interface{}) (string, error) {
		clone, err := root.Clone()
		if err != nil {
			return "", err
		}
		inner, err := clone.New("tpl").Parse(text)
		if err != nil {
			return "", err
		}
		var out strings.Builder
		err = inner.Execute(&out, data)
		return strings.ReplaceAll(out.String(), "<no value>", ""), err
	}
	root.Funcs(functions).Option("missingkey=zero")

	names := []string{}
	for name := range sources {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if _, err := root.New(chart + "/" + name).Parse(sources[name]); err != nil {
			return nil, err
		}
	}
	rendered := map[string]string{}
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		full := chart + "/" + name
		top["Template"] = object{"Name": full, "BasePath": chart + "/templates"}
		var out strings.Builder
		if err := root.ExecuteTemplate(&out, full, top); err != nil {
			return nil, err
		}
		rendered[name] = strings.ReplaceAll(out.String(), "<no value>", "")
	}
	return rendered, nil
}

func toYaml(value interface{}) string {
	text, err := yaml.Marshal(value)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(text), "\n")
}

func parse(text string, into object) object {
	if err := yaml.Unmarshal([]byte(text), &into); err != nil {
		into["Error"] = err.Error()
	}
	return into
}
