-- One row per student whose enrolment with a component is in force this year. It is
-- text that Oracle 9 understands, too.
SELECT I.COD_ETU, I.LIB_NOM_PAT_IND, I.LIB_PR1_IND, I.DATE_NAI_IND, I.ADR_MAIL,
       E.MNT_DROITS, E.DAT_CRE_IAE, E.COD_CMP_DEP AS COD_DEP
FROM APOGEE.INDIVIDU I
JOIN APOGEE.INS_ADM_ETP E ON E.COD_IND = I.COD_IND
WHERE E.COD_CMP = :component
  AND E.COD_ANU = :year
  AND E.ETA_IAE = 'E'
