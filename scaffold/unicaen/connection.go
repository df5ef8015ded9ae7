package unicaen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/scaffold/hcltext"
	"github.com/registrar-sync/registrar/scaffold/php"
)

// drivers are the words of a Doctrine driver's class, or name, that tell the provider; the first that is found counts.
var drivers = [][2]string{
	{"oci", "oracle"},
	{"oracle", "oracle"},
	{"pgsql", "postgres"},
	{"postgres", "postgres"},
	{"mysql", "mysql"},
	{"mariadb", "mysql"},
	{"sqlsrv", "mssql"},
	{"sqlite", "sqlite"},
}

// connection returns the address of the block of a kind, source or destination, for a connection of Doctrine, and writes the block
// where it is not there yet; "" after an error.
func (c *converter) connection(settings, of *php.Value, path, kind string) string {
	name := c.text(of, path, "connection")
	if name == "" {
		return ""
	}
	at := of.Get("connection").At
	// Later versions give connections short names.
	if alias := settings.Get("connections").Get(name); alias != nil && alias.Kind == php.String {
		name = alias.Text
	}
	if address, ok := c.blocks[kind+" "+name]; ok {
		return address
	}
	found := c.root
	for part := range strings.SplitSeq(name, ".") {
		found = found.Get(part)
	}
	if found == nil || found.Kind != php.Array {
		c.fail(at, "Give the file of Doctrine's connections, too, such as config/autoload/database.local.php: several files are merged.", "the connection %q is in none of the files", name)
		return ""
	}
	params := found.Get("params")
	if params == nil || params.Kind != php.Array {
		c.fail(found.At, "Expected: 'driverClass' => …, 'params' => ['host' => …].", "the connection %q has no 'params'", name)
		return ""
	}
	provider := providerOf(found, params)
	if provider == "" {
		c.fail(found.At, "Known are the drivers of Oracle, PostgreSQL, MySQL, SQL Server and SQLite.", "the driver of the connection %q is not known", name)
		return ""
	}
	label := hcltext.Label(name[strings.LastIndexByte(name, '.')+1:])
	address := kind + "." + provider + "." + label
	for n := 2; c.names[address]; n++ {
		address = kind + "." + provider + "." + label + "_" + strconv.Itoa(n)
	}
	c.names[address] = true
	c.blocks[kind+" "+name] = address
	c.block(kind, provider, address[strings.LastIndexByte(address, '.')+1:], name, found, params)
	return address
}

func providerOf(found, params *php.Value) string {
	for _, v := range []*php.Value{found.Get("driverClass"), params.Get("driverClass"), params.Get("driver"), found.Get("driver")} {
		if v == nil {
			continue
		}
		for _, driver := range drivers {
			if strings.Contains(strings.ToLower(v.Text), driver[0]) {
				return driver[1]
			}
		}
	}
	return ""
}

// block writes a source or destination block.
func (c *converter) block(kind, provider, label, name string, found, params *php.Value) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s {\n", kind, hcltext.Quote(provider), hcltext.Quote(label))
	put := func(argument, value string) { fmt.Fprintf(&b, "%s = %s\n", argument, value) }
	if service := params.Get("servicename"); provider == "oracle" && service != nil && service.Text != "" {
		if database := params.Get("dbname"); database != nil && database.Text != service.Text {
			c.skip(name+".params", php.Item{Key: "dbname", Value: database}, "servicename is what counts.")
		}
	}
	for _, item := range params.Items {
		v := item.Value
		switch item.Key {
		case "host":
			if provider != "sqlite" && params.Get("unix_socket") == nil {
				put("host", hcltext.Quote(v.Text))
			}
		case "port":
			if n, err := strconv.Atoi(v.Text); err == nil {
				put("port", strconv.Itoa(n))
			} else if v.Kind != php.Null && v.Text != "" {
				c.fail(v.At, "", "%s.params.port is no number", name)
			}
		case "user":
			put("user", hcltext.Quote(v.Text))
		case "password":
			put("password", "var."+c.password(label, name))
		case "dbname":
			c.database(&b, provider, params, v)
		case "servicename":
			if provider == "oracle" && v.Text != "" {
				put("service", hcltext.Quote(v.Text))
			}
		case "path":
			put("path", hcltext.Quote(v.Text))
		case "unix_socket":
			put("socket", hcltext.Quote(v.Text))
		case "sslmode", "sslrootcert":
			put(item.Key, hcltext.Quote(v.Text))
		case "charset", "driver", "driverClass", "service": // every text is read in Unicode
		case "url", "connectstring":
			c.fail(v.At, "Write host, port, dbname, user and password instead.", "%s.params.%s is not taken apart", name, item.Key)
		default:
			c.skip(name+".params", item, "There is no such setting, or it is not known.")
		}
	}
	if provider == "postgres" && params.Get("sslmode") == nil {
		b.WriteString(hcltext.Comment(`Connections are encrypted unless the host is this machine; sslmode = "disable" where the server cannot.`))
	}
	b.WriteString("}\n\n")
	for _, item := range found.Items {
		if item.Key != "params" && item.Key != "driverClass" && item.Key != "driver" {
			c.skip(name, item, "It is Doctrine's.")
		}
	}
	c.connections.WriteString(b.String())
}

// database writes what dbname is called.
func (c *converter) database(b *strings.Builder, provider string, params, v *php.Value) {
	argument := "database"
	if provider == "oracle" {
		service := params.Get("service")
		switch {
		case params.Get("servicename") != nil && params.Get("servicename").Text != "":
			return
		case service != nil && service.Kind == php.Bool && service.Bool:
			argument = "service"
		default:
			argument = "sid" // what Doctrine takes a name for
		}
	}
	fmt.Fprintf(b, "%s = %s\n", argument, hcltext.Quote(v.Text))
}

// password declares the variable for a connection's password, which is not copied; a connection that is both a source and a
// destination has one.
func (c *converter) password(label, name string) string {
	variable := label + "_password"
	if !c.names["var "+variable] {
		c.names["var "+variable] = true
		c.result.Variables = append(c.result.Variables, variable)
		fmt.Fprintf(&c.connections, "variable %s {\ntype = string\nsensitive = true\ndescription = %s\n}\n\n", hcltext.Quote(variable),
			hcltext.Quote("Password of "+name+", which was not copied"))
	}
	return variable
}
