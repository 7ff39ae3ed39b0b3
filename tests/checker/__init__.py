"""The proof under chaos: numbered messages and commands, a plan of outages, and a checker that believes nothing but the topics."""
