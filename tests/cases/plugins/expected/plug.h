typedef struct IA2_fnptr__ZTSPFiiE plug_step;
struct plug_ops {
    struct IA2_fnptr__ZTSPFiiiE add;
    struct IA2_fnptr__ZTSPFiiPFiiEE each;
    struct IA2_fnptr__ZTSPFPivE secret;
    struct IA2_fnptr__ZTSPFPivE local;
    struct IA2_fnptr__ZTSPFvPiE poke;
};
