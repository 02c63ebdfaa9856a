"""Who uses the product and for whom: users, agencies, memberships, clients, tenancy."""
