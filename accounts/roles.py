"""The one place that says which role may do what."""

from accounts.enums import Role

# Higher rank includes lower; a client is no step of that ladder.
_RANK = {Role.MEMBER: 1, Role.MANAGER: 2, Role.OWNER: 3}


def includes(role: str, needed: str) -> bool:
    """Return whether a member with `role` may do what `needed` may do.

    A client may only do what is asked of a client; staff may also see the portal.
    """
    if needed == Role.CLIENT:
        return True
    if role == Role.CLIENT:
        return False
    return _RANK[Role(role)] >= _RANK[Role(needed)]


def grantable(role: str) -> list[Role]:
    """Return the roles a member with `role` may give: an owner all, a manager all but owner."""
    if role == Role.OWNER:
        return list(Role)
    if role == Role.MANAGER:
        return [Role.MANAGER, Role.MEMBER, Role.CLIENT]
    return []


def may_change(actor: str, target: str) -> bool:
    """Return whether a member with role `actor` may change or remove one with role `target`."""
    return Role(target) in grantable(actor)
