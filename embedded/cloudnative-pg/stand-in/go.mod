module attic-pulumi/cnpg-stand-in

go 1.26.0
