# Records whose key changed in the registers: re-keyed in place, with their links and
# events, instead of archived and created anew. What has been done is done; the
# blocks may stay.
moved {
  sync = module.resources["hss"].sync.subjects
  from = "HI100"
  to   = "HI101"
}
