package oracle

import (
	"errors"
	"slices"

	"github.com/sijms/go-ora/v2/network"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.TransientTeller = (*Provider)(nil)

// transientCodes are the errors that another attempt may not meet.
var transientCodes = []int{
	18, 19, 20, 12516, 12518, 12519, 12520, // no session, or no process, is left
	28, 31, 1012, 2396, 2399, // the session was ended
	1033, 1034, 1089, 1090, 1092, 1109, 12514, 12505, 12526, 12527, 12528, // the database, or its listener, starts or stops
	54, 60, 1555, 8176, 8177, 30006, // others were in the way
	3113, 3114, 3135, 3136, 12150, 12152, 12153, 12170, 12203, 12224, 12535, 12537, 12541, 12543, 12545, 12547, 12560, 12570, 12571, 12606, 12608, 12609, 25408, // the network
}

// Transient implements providers.TransientTeller.
func (*Provider) Transient(err error) bool {
	if own, ok := errors.AsType[*Error](err); ok {
		return slices.Contains(transientCodes, own.Code)
	}
	server, ok := errors.AsType[*network.OracleError](err)
	return ok && slices.Contains(transientCodes, server.ErrCode)
}
