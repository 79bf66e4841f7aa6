"""What a user can choose: the declarations of settings and the families whose members they choose among."""
