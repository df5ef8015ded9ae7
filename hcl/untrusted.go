package hcl

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// passing are the functions that may be given sensitive values in a stranger's configuration: from what
// they return, nothing can be told of a value but by who is given all of it.
var passing = []string{"base64encode", "chomp", "concat", "join", "jsonencode", "tolist", "tostring", "trimspace"}

// mayCompute reports what a stranger's configuration must not do with sensitive values. It may pass them on, and put them
// into text; whatever compares them, takes them apart or chooses by them could tell them bit by bit, through
// which expressions fail, which rows a plan counts, or which files are there.
func (c *compiler) mayCompute(expr hclsyntax.Expression, ctx *hcl.EvalContext) bool {
	if !c.opts.Untrusted {
		return true
	}
	before := len(c.diags)
	hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics {
		var looked []hclsyntax.Expression
		switch node := node.(type) {
		case *hclsyntax.FunctionCallExpr:
			if !slices.Contains(passing, node.Name) {
				looked = node.Args
			}
		case *hclsyntax.BinaryOpExpr:
			looked = []hclsyntax.Expression{node.LHS, node.RHS}
		case *hclsyntax.UnaryOpExpr:
			looked = []hclsyntax.Expression{node.Val}
		case *hclsyntax.ConditionalExpr:
			looked = []hclsyntax.Expression{node.Condition}
		case *hclsyntax.IndexExpr:
			looked = []hclsyntax.Expression{node.Key}
		case *hclsyntax.ForExpr:
			looked = []hclsyntax.Expression{node.CollExpr}
		case *hclsyntax.ObjectConsExpr:
			for _, entry := range node.Items {
				looked = append(looked, entry.KeyExpr)
			}
		}
		for _, one := range looked {
			if secretIn(one, ctx) {
				c.errorf(one.Range(), sensitiveValue, "The configuration is under review: a sensitive value, or one that comes from outside of its directory, can be passed on and put into text, and nothing else can be done with it. If it is no secret, the operator's policy can list its variable in public_variables.")
			}
		}
		return nil
	})
	return len(c.diags) == before
}
