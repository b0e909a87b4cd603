"""The written visitation policy: what is offered at which risk, and by which rule."""
