"""The columns of the table of leads that an import writes."""

# Column → PostgreSQL type, for arrays and casts.
COLUMN_TYPES = {
    "agency_id": "bigint",
    "client_id": "bigint",
    "email": "text",
    "first_name": "text",
    "last_name": "text",
    "job_title": "text",
    "company": "text",
    "website": "text",
    "domain": "text",
    "phone": "text",
    "linkedin": "text",
    "city": "text",
    "country": "text",
    "country_source": "text",
    "region": "text",
    "time_zone": "text",
    "time_zone_source": "text",
    "source": "text",
    "source_detail": "text",
    "status": "text",
    "verification": "text",
    "verification_reasons": "jsonb",
    "domain_rating": "smallint",
    "score": "smallint",
    "score_parts": "jsonb",
    "tier": "text",
    "custom": "jsonb",
    "owner_id": "bigint",
    "batch_id": "bigint",
    "search": "text",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
}
COLUMNS = tuple(COLUMN_TYPES)
# What an update may touch: never who owns the row, nor where it came from.
UPDATED = tuple(
    name
    for name in COLUMNS
    if name not in {"agency_id", "source", "source_detail", "status", "batch_id", "created_at"}
)
