package oracle

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
)

var _ providers.DestinationProvider = (*Provider)(nil)

// The ways to keep two applies apart.
const (
	lockByPackage = "dbms_lock"
	lockByRow     = "row"
)

// destinationSpec declares what spec does, with no read_timeout unless set, and:
//
//	lock  "dbms_lock" unless set, for which the user needs EXECUTE on SYS.DBMS_LOCK; "row": a row of a table of
//	      the user's own. All who apply to one database must say the same.
func destinationSpec() hcldec.Spec {
	own, _ := spec().(*hcldec.ValidateSpec)
	attributes, _ := own.Wrapped.(hcldec.ObjectSpec)
	attributes["lock"] = providers.CheckedAttribute("lock", cty.String, providers.OneOf("lock", lockByPackage, lockByRow))
	return own
}

// DestinationSpec declares the attributes of destination "oracle" blocks.
func (*Provider) DestinationSpec() hcldec.Spec { return destinationSpec() }

// OpenDestination connects, and refuses a server that is too old.
func (*Provider) OpenDestination(ctx context.Context, attributes providers.Attributes, dir string) (providers.Destination, error) {
	s, err := parse(attributes, dir)
	if err != nil {
		return nil, err
	}
	if _, given := attributes["read_timeout"].(int64); !given {
		s.readTimeout = 0 // to compare and to apply may take as long as it does
	}
	return openDestination(ctx, s, attributes.StringOr("lock", lockByPackage))
}

// destination is an Oracle database to keep in step.
type destination struct {
	db       *sql.DB
	settings *settings
	schema   string // that names without one mean
	charset  *charset
	lock     string // lockByPackage or lockByRow
}

var (
	_ providers.Destination   = (*destination)(nil)
	_ providers.SharedStaging = (*destination)(nil)
	_ providers.Locker        = (*destination)(nil)
	_ providers.Granter       = (*destination)(nil)
	_ providers.Sequencer     = (*destination)(nil)
	_ providers.ErrorScrubber = (*destination)(nil)
)

const (
	// oldestWritten is the first version that can be a destination: the JSON functions return CLOBs from 18 on, and 18
	// is long out of support.
	oldestWritten = 19
	// maxIdle connections are kept for the next Conn.
	maxIdle = 2
)

func openDestination(ctx context.Context, s *settings, lock string) (*destination, error) {
	d := &destination{settings: s, lock: lock, db: sql.OpenDB(&writerConnector{settings: s})}
	d.db.SetMaxIdleConns(maxIdle)
	if err := d.examineServer(ctx); err != nil {
		return nil, errors.Join(err, d.db.Close())
	}
	return d, nil
}

// examineServer learns what the catalogue and the limits of values depend on.
func (d *destination) examineServer(ctx context.Context) error {
	conn, err := d.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := onWriter(conn, func(s *writer) error {
		d.charset = s.charset
		return nil
	}); err != nil {
		return err
	}
	var version sql.NullString
	err = conn.QueryRowContext(ctx, "SELECT SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA'), (SELECT MAX(VERSION) FROM PRODUCT_COMPONENT_VERSION WHERE UPPER(PRODUCT) LIKE 'ORACLE%') FROM DUAL").
		Scan(&d.schema, &version)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", d.Identity(), d.SafeError(err))
	}
	major, _, _ := strings.Cut(version.String, ".")
	if n, err := strconv.Atoi(major); err != nil || n < oldestWritten {
		return fmt.Errorf("the server of %s is Oracle %s: a destination needs version %d or newer (a source does not)", d.Identity(), version.String, oldestWritten)
	}
	return nil
}

func (*destination) Dialect() sqlgen.Dialect { return dialect{} }

// Identity names the database and the schema: a server's users have one each.
func (d *destination) Identity() string { return d.settings.identity() + "/" + shown(d.schema) }

func (d *destination) Close() error { return d.db.Close() }

// SafeError implements providers.ErrorScrubber: sessions give no others.
func (d *destination) SafeError(err error) error {
	if err == nil {
		return nil
	}
	safe, _ := (*engine)(nil).Error(err)
	return safe
}

// Conn returns a connection whose sessions sort by octets and spell numbers and times alike.
func (d *destination) Conn(ctx context.Context) (*sql.Conn, error) {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.settings.identity(), d.SafeError(err))
	}
	return conn, nil
}

// maxWait is the longest wait that LOCK TABLE takes here.
const maxWait = 24 * time.Hour

// Begin starts a READ COMMITTED transaction, in which LOCK TABLE waits no longer than wait, in whole seconds: the error
// then wraps providers.ErrLocked.
//
// Each statement sees what was committed when it began. Oracle's serializable transactions are no help: they can read
// no staging table that was made after their beginning (ORA-01466), and a large insert fails where it splits a block
// of an index (ORA-08177). An apply therefore locks the tables that it writes (dialect.LocksWrites) before it looks at
// them; what others change while a plan is made, the apply finds by its own checks, as it does what they change later.
func (d *destination) Begin(ctx context.Context, conn *sql.Conn, wait time.Duration) (*sql.Tx, error) {
	seconds := int(math.Ceil(min(max(wait, 0), maxWait).Seconds()))
	if err := onWriter(conn, func(s *writer) error {
		s.wait = seconds
		return nil
	}); err != nil {
		return nil, fmt.Errorf("begin a transaction: %w", err)
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("begin a transaction: %w", d.SafeError(err))
	}
	return tx, nil
}
